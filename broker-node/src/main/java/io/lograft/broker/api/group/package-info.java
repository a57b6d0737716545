/**
 * Serves consumer groups to clients: {@link io.lograft.broker.api.group.GroupServiceApi} turns messages into requests of
 * the pure group core and back. Nothing is decided here. Safe for use by several threads.
 */
package io.lograft.broker.api.group;
