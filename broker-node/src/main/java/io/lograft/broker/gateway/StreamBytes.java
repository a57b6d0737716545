package io.lograft.broker.gateway;

import io.lograft.client.ProducerRecord;
import io.lograft.record.RecordHeader;
import java.util.concurrent.Semaphore;

/** The memory that the records of all streams may take while they are written. For all threads that may wait. */
final class StreamBytes {
    private static final int OVERHEAD_BYTES = 100;

    private final int totalBytes;
    private final Semaphore free;

    StreamBytes(int totalBytes) {
        this.totalBytes = totalBytes;
        this.free = new Semaphore(totalBytes, true);
    }

    /** Takes the record's bytes, all of them for one that is larger; waits until they are free. Answers how many. */
    int take(ProducerRecord record) throws InterruptedException {
        int size = (int) Math.min(totalBytes, sizeBytes(record));
        free.acquire(size);
        return size;
    }

    void free(int sizeBytes) {
        free.release(sizeBytes);
    }

    private static long sizeBytes(ProducerRecord record) {
        long size = OVERHEAD_BYTES + length(record.key()) + length(record.value());
        for (RecordHeader header : record.headers()) {
            size += OVERHEAD_BYTES + header.key().length() + length(header.value());
        }
        return size;
    }

    private static long length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
