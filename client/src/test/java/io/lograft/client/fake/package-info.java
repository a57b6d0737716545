/** A cluster in the test's own process, with faults on demand. */
package io.lograft.client.fake;
