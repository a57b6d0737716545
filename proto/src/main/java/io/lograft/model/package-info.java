/** Words of the domain that everything shares: ids, offsets, epochs and error codes. Pure values. */
package io.lograft.model;
