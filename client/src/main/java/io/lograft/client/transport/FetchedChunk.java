package io.lograft.client.transport;

import io.lograft.client.core.Failure;
import io.lograft.model.TopicPartition;
import java.nio.ByteBuffer;

/**
 * What the loop hands to the application's thread for one partition, in order: record batches, a position that moved by
 * itself, or a failure that the application has to decide about.
 *
 * @param generation the partition's seek count when it was read; older chunks are dropped
 * @param records whole record batches; null for the other kinds
 * @param broker whose credit the bytes count against
 * @param position where reading goes on, -1 if that did not change
 * @param failure null if there is none
 */
public record FetchedChunk(
        TopicPartition partition, long generation, ByteBuffer records, int broker, long position, Failure failure) {

    public int sizeBytes() {
        return records == null ? 0 : records.capacity();
    }
}
