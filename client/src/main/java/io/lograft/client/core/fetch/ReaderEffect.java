package io.lograft.client.core.fetch;

import io.lograft.client.core.Failure;

/** What a {@link PartitionReader} wants done, in this order. */
public sealed interface ReaderEffect {

    /** Ask the broker to push from this offset on; data that come back carry the number. */
    record Assign(int broker, long offset, int leaderEpoch, int lastReadEpoch, long number) implements ReaderEffect {}

    /** Tell the broker to push no more. */
    record Unassign(int broker) implements ReaderEffect {}

    /** Ask for an end of the log, and answer with {@link ReaderEvent.Found} and this number. */
    record LookUp(OffsetReset end, long number) implements ReaderEffect {}

    /** The position moved by itself to where a look-up found it. */
    record Positioned(long offset) implements ReaderEffect {}

    /** The application has to decide: tell it. Nothing is read until it seeks. */
    record Report(Failure failure) implements ReaderEffect {}

    /** Send {@link ReaderEvent.Wake} at this time. */
    record WakeAt(long timeMs) implements ReaderEffect {}

    /** The broker does not know better: learn metadata from another one. */
    record SuspectBroker(int broker) implements ReaderEffect {}
}
