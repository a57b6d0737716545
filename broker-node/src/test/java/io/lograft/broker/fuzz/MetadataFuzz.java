package io.lograft.broker.fuzz;

import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.codec.RecordCodec;
import io.lograft.metadata.codec.UnknownMetadataException;

/** Commands and records of the metadata log: an even first byte is followed by a command, an odd one by a record. */
public final class MetadataFuzz {
    private MetadataFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        byte[] bytes = java.util.Arrays.copyOfRange(input, 1, input.length);
        FuzzChecks.withinMemory(input.length, 0, () -> {
            try {
                if ((input[0] & 1) == 0) {
                    CommandCodec.toBytes(CommandCodec.fromBytes(bytes));
                } else {
                    RecordCodec.toBytes(RecordCodec.fromBytes(bytes));
                }
            } catch (UnknownMetadataException refused) {
                return;
            }
        });
    }
}
