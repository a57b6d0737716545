package io.lograft.broker.replica.runtime;

import com.google.protobuf.ByteString;
import io.lograft.broker.log.LogRead;
import io.lograft.wire.WireBytes;
import java.nio.ByteBuffer;
import java.util.List;

/** What was read from a log, as bytes for a message; shares the memory of the log's tail. */
public final class LogBytes {
    private LogBytes() {}

    /** The slices one after the other. */
    public static ByteString of(LogRead.Batches batches) {
        List<ByteBuffer> slices = batches.slices();
        ByteString bytes = ByteString.EMPTY;
        for (ByteBuffer slice : slices) {
            bytes = bytes.concat(WireBytes.give(slice));
        }
        return bytes;
    }
}
