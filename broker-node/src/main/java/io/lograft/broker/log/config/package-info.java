/**
 * Settings of a partition's log: a topic's own over the broker's. Immutable values that check themselves; they can
 * change while the log is open. Uses nothing of ours.
 */
package io.lograft.broker.log.config;
