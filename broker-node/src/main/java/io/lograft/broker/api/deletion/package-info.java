/**
 * Deletes records on behalf of administrators: {@link io.lograft.broker.api.deletion.RecordDeletions} is the entry. Any
 * broker takes a request, and asks the leaders. Safe for use by several threads.
 */
package io.lograft.broker.api.deletion;
