import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Has a Kafka broker write two small partitions, with all codecs, idempotent and plain producers and transactions, and
 * writes down what Kafka's consumer reads in them. Arguments: bootstrap address, directory for the lists of records.
 * {@code bench/kafka-segments.sh} runs it.
 */
public final class KafkaSegments {
    private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");
    private static final long FIRST_TIMESTAMP_MS = 1_700_000_000_000L;

    private static int count;

    public static void main(String[] arguments) throws Exception {
        String bootstrap = arguments[0];
        Path out = Path.of(arguments[1]);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(
                            new NewTopic("created", 1, (short) 1)
                                    .configs(Map.of(
                                            "segment.ms", "1000",
                                            "retention.ms", "-1",
                                            "index.interval.bytes", "200")),
                            new NewTopic("appended", 1, (short) 1)
                                    .configs(Map.of(
                                            "message.timestamp.type", "LogAppendTime",
                                            "compression.type", "zstd",
                                            "index.interval.bytes", "200"))))
                    .all()
                    .get();
        }
        for (String topic : List.of("created", "appended")) {
            produceAll(bootstrap, topic, true);
            Thread.sleep(1500); // Longer than segment.ms, so that the next append starts a segment.
            transactions(bootstrap, topic);
            produceAll(bootstrap, topic, false);
            read(bootstrap, topic, out.resolve(topic + ".txt"));
        }
    }

    private static Map<String, Object> producer(String bootstrap, String codec) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("compression.type", codec);
        settings.put("linger.ms", 1000);
        settings.put("key.serializer", ByteArraySerializer.class);
        settings.put("value.serializer", ByteArraySerializer.class);
        return settings;
    }

    private static void produceAll(String bootstrap, String topic, boolean isIdempotent) {
        for (String codec : CODECS) {
            Map<String, Object> settings = producer(bootstrap, codec);
            settings.put("enable.idempotence", isIdempotent);
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings)) {
                for (int batch = 0; batch < 2; batch++) {
                    for (int i = 0; i < 5; i++) {
                        producer.send(record(topic, codec));
                    }
                    producer.flush();
                }
            }
        }
    }

    private static void transactions(String bootstrap, String topic) {
        for (boolean isCommitted : new boolean[] {true, false}) {
            Map<String, Object> settings = producer(bootstrap, isCommitted ? "lz4" : "none");
            settings.put("transactional.id", topic + (isCommitted ? "-committed" : "-aborted"));
            try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings)) {
                producer.initTransactions();
                producer.beginTransaction();
                for (int i = 0; i < 3; i++) {
                    producer.send(record(topic, isCommitted ? "committed" : "aborted"));
                }
                producer.flush();
                if (isCommitted) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String word) {
        int i = count++;
        byte[] key = i % 3 == 0 ? null : ("key " + i % 7).getBytes(StandardCharsets.UTF_8);
        byte[] value = i % 11 == 5 ? null : (word + " value " + i + " ".repeat(i % 40)).getBytes(StandardCharsets.UTF_8);
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, 0, FIRST_TIMESTAMP_MS + 100L * i - (i % 4) * 250L, key, value);
        if (i % 5 == 2) {
            record.headers().add("number", ByteBuffer.allocate(4).putInt(i).array());
            record.headers().add("nothing", null);
        }
        return record;
    }

    private static void read(String bootstrap, String topic, Path file) throws IOException {
        TopicPartition partition = new TopicPartition(topic, 0);
        List<String> lines = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(Map.of(
                "bootstrap.servers", bootstrap,
                "key.deserializer", ByteArrayDeserializer.class,
                "value.deserializer", ByteArrayDeserializer.class))) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            while (consumer.position(partition) < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    lines.add(line(record));
                }
            }
            lines.add("end " + end);
        }
        Files.write(file, lines);
    }

    private static String line(ConsumerRecord<byte[], byte[]> record) {
        StringBuilder line = new StringBuilder();
        line.append(record.offset()).append(' ').append(record.timestamp());
        line.append(' ').append(hex(record.key())).append(' ').append(hex(record.value()));
        for (Header header : record.headers()) {
            line.append(' ').append(header.key()).append('=').append(hex(header.value()));
        }
        return line.toString();
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "null" : "[" + HexFormat.of().formatHex(bytes) + "]";
    }
}
