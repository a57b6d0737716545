/**
 * Answers questions about offsets from the logs that this broker leads: {@link io.lograft.broker.api.offsets.LeaderOffsets}
 * is the entry. May wait for the disk, on threads that are meant for it. Safe for use by several threads.
 */
package io.lograft.broker.api.offsets;
