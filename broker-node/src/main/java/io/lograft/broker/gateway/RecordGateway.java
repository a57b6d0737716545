package io.lograft.broker.gateway;

import io.lograft.client.LograftException;
import io.lograft.client.ProducerRecord;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.LogRecord;
import io.lograft.proto.v1.SubscribeRequest;
import java.util.List;

/**
 * Writes and reads single records wherever their partitions are led. All methods wait for the answer, and throw {@link
 * LograftException} where there is none. Safe for use by several threads.
 */
interface RecordGateway extends AutoCloseable {

    /**
     * Where a record was written.
     *
     * @param offset -1 where it is not known any more
     * @param isDuplicate it was written before, by its producer's name and sequence
     */
    record Written(int partition, long offset, long timestampMs, boolean isDuplicate) {}

    /**
     * What was read.
     *
     * @param records in offset order, at least one where there is one
     */
    record Read(List<LogRecord> records, long highWatermark, long logStart) {}

    /**
     * How much to read.
     *
     * @param sizeBytesMax of the records together; the first one may be larger
     * @param waitMsMax how long to wait for the first record
     */
    record Limits(int recordsMax, int sizeBytesMax, long waitMsMax) {}

    /** Writes a record with acks=all. */
    Written write(ProducerRecord record);

    /** For the records of a stream; of a named producer unless the name is empty. */
    RecordWriter writer(String producerName);

    /** For the partitions of a stream, whose first message has been checked. */
    RecordReader reader(SubscribeRequest.Start start);

    /** Reads committed records from an offset on. */
    Read read(TopicPartition partition, long offset, Limits limits);

    /** Makes what waits fail or return soon. */
    @Override
    void close();
}
