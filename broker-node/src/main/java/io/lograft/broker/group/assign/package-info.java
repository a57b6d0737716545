/**
 * Spreads the partitions of topics over the members that read them, where the coordinator does so. {@link
 * io.lograft.broker.group.assign.Assignor} is the entry.
 *
 * <p>Pure, and the same result for the same input on every broker. Uses only the model.
 */
package io.lograft.broker.group.assign;
