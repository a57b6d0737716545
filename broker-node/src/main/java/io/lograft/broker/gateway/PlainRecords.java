package io.lograft.broker.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.ProducerRecord;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.Header;
import io.lograft.proto.v1.LogRecord;
import io.lograft.proto.v1.NewRecord;
import io.lograft.proto.v1.PublishOneRequest;
import io.lograft.proto.v1.PublishRequest;
import io.lograft.record.RecordHeader;
import java.nio.ByteBuffer;

/** The records of the simple API, to and from those of the SDK. Pure. */
final class PlainRecords {
    private PlainRecords() {}

    /** The record to be written; the request has been checked. */
    static ProducerRecord toSdk(PublishOneRequest request) {
        ProducerRecord record = toSdk(request.getTopic(), request.getRecord());
        return request.hasPartition() ? record.withPartition(request.getPartition()) : record;
    }

    /** The record of a stream to be written; the request has been checked. */
    static ProducerRecord toSdk(PublishRequest request) {
        ProducerRecord record = toSdk(request.getTopic(), request.getRecord());
        return request.hasPartition() ? record.withPartition(request.getPartition()) : record;
    }

    private static ProducerRecord toSdk(String topic, NewRecord plain) {
        byte[] key = plain.hasKey() ? plain.getKey().toByteArray() : null;
        byte[] value = plain.hasValue() ? plain.getValue().toByteArray() : null;
        ProducerRecord record = ProducerRecord.of(topic, key, value);
        if (plain.getTimestampMs() != 0) {
            record = record.withTimestamp(plain.getTimestampMs());
        }
        for (Header header : plain.getHeadersList()) {
            record = record.withHeader(
                    header.getKey(), header.hasValue() ? header.getValue().toByteArray() : null);
        }
        return record;
    }

    static TopicPartition partition(io.lograft.proto.v1.TopicPartition plain) {
        return new TopicPartition(plain.getTopic(), plain.getPartition());
    }

    static io.lograft.proto.v1.TopicPartition partition(TopicPartition partition) {
        return io.lograft.proto.v1.TopicPartition.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .build();
    }

    /** A record that was read; shares its bytes. */
    static LogRecord fromSdk(ConsumerRecord record) {
        LogRecord.Builder plain = LogRecord.newBuilder()
                .setTopic(record.topic())
                .setPartition(record.partition())
                .setOffset(record.offset())
                .setTimestampMs(record.timestampMs());
        if (record.hasKey()) {
            plain.setKey(shared(record.keyBuffer()));
        }
        if (record.hasValue()) {
            plain.setValue(shared(record.valueBuffer()));
        }
        for (RecordHeader header : record.headers()) {
            Header.Builder one = Header.newBuilder().setKey(header.key());
            if (header.value() != null) {
                one.setValue(ByteString.copyFrom(header.value()));
            }
            plain.addHeaders(one);
        }
        return plain.build();
    }

    // A batch that was read is never written to again, so its bytes need not be copied.
    private static ByteString shared(ByteBuffer bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }
}
