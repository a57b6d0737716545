package io.lograft.broker.gateway;

import io.lograft.client.LograftException;
import io.lograft.client.NamedProducer;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.RecordMetadata;
import io.lograft.client.SendCallback;
import io.lograft.model.ErrorCode;
import java.time.Duration;

/**
 * Writes the records of one stream by the SDK. All streams together have so many bytes under way; more waits. A topic that
 * was not found is not looked for again for a second, so that a stream of records for it does not wait for each.
 */
final class StreamWriter implements RecordWriter {
    private static final long MISSING_NS = 1_000_000_000;
    private static final Missing NONE_MISSING = new Missing("", 0);

    private final StreamBytes bytes;
    private final Sender sender;
    private final Runnable closer;
    private volatile Missing missing = NONE_MISSING;

    /** A topic that was not there a moment ago. */
    private record Missing(String topic, long sinceNs) {}

    /** How a record is sent. */
    private interface Sender {
        void send(ProducerRecord record, long sequence, SendCallback callback);
    }

    private StreamWriter(StreamBytes bytes, Sender sender, Runnable closer) {
        this.bytes = bytes;
        this.sender = sender;
        this.closer = closer;
    }

    /** By a producer that all such streams share. */
    static StreamWriter plain(StreamBytes bytes, Producer shared) {
        return new StreamWriter(bytes, (record, sequence, callback) -> shared.send(record, callback), () -> {});
    }

    /** By a producer of the stream's own, which ends with it. */
    static StreamWriter named(StreamBytes bytes, NamedProducer own) {
        return new StreamWriter(bytes, own::send, () -> own.close(Duration.ZERO));
    }

    @Override
    public void write(ProducerRecord record, long sequence, Answer answer) throws InterruptedException {
        Missing last = missing;
        if (record.topic().equals(last.topic()) && System.nanoTime() - last.sinceNs() < MISSING_NS) {
            answer.failed(ErrorCode.UNKNOWN_TOPIC, "no topic '" + last.topic() + "' a moment ago");
            return;
        }
        int size = bytes.take(record);
        sender.send(record, sequence, (written, failure) -> {
            bytes.free(size);
            if (failure != null && failure.code() == ErrorCode.UNKNOWN_TOPIC) {
                missing = new Missing(record.topic(), System.nanoTime());
            }
            answer(written, failure, answer);
        });
    }

    private static void answer(RecordMetadata written, LograftException failure, Answer answer) {
        if (failure == null) {
            answer.written(new RecordGateway.Written(
                    written.partition(), written.offset(), written.timestampMs(), written.isDuplicate()));
        } else {
            answer.failed(failure.code(), failure.reason());
        }
    }

    @Override
    public void close() {
        closer.run();
    }
}
