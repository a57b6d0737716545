package io.lograft.broker.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lograft.broker.dump.format.GroupDocuments;
import io.lograft.broker.group.runtime.GroupRecordCodec;
import java.util.Optional;

/** Records of the group log: the first byte is the size of the key, which follows, then the value. */
public final class GroupRecordFuzz {
    private GroupRecordFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int keySize = Math.min(input[0] & 0x7f, input.length - 1);
        ByteString key = ByteString.copyFrom(input, 1, keySize);
        ByteString value = ByteString.copyFrom(input, 1 + keySize, input.length - 1 - keySize);
        Optional<ByteString> given = input[0] < 0 ? Optional.empty() : Optional.of(value);
        FuzzChecks.withinMemory(input.length, 0, () -> {
            try {
                GroupDocuments.group(GroupRecordCodec.decode(key, given));
            } catch (InvalidProtocolBufferException | IllegalArgumentException refused) {
                // Whoever reads the group log takes both for a damaged record.
                return;
            }
        });
    }
}
