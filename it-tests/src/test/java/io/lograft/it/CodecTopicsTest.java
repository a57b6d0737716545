package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerRecord;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerOptions;
import io.lograft.client.ProducerRecord;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.record.BatchReader;
import io.lograft.record.Compression;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Topics of every codec, written with every codec: what is on disk has the topic's, what is read is what was written. */
@Tag("it")
class CodecTopicsTest {
    private static final int RECORDS = 300;

    @RegisterExtension
    final ClusterProcesses brokers = new ClusterProcesses(1);

    @TempDir
    Path directory;

    @Test
    void aTopicsCodecIsOnDiskWhateverProducersSend() throws Exception {
        brokers.start(directory, "min.insync.replicas=1", "default.replication.factor=1");
        try (Lograft cluster = Lograft.connect(brokers.bootstrap())) {
            for (String type : List.of("producer", "uncompressed", "gzip", "snappy", "lz4", "zstd")) {
                String topic = "as-" + type;
                cluster.admin()
                        .createTopic(NewTopic.of(topic)
                                .withPartitions(1)
                                .withConfig("compression.type", type)
                                .withConfig("compression.gzip.level", "1"));
                List<String> written = writeWithEveryCodec(cluster, topic);
                assertThat(read(cluster, topic, written.size())).as(type).isEqualTo(written);
                Set<Integer> onDisk = codecsOnDisk(topic);
                if (type.equals("producer")) {
                    assertThat(onDisk).containsExactly(0, 1, 2, 3, 4);
                } else {
                    String label = type.equals("uncompressed") ? "none" : type;
                    assertThat(onDisk)
                            .as(type)
                            .containsExactly(
                                    Compression.forLabel(label).orElseThrow().bits());
                }
            }
            assertThatThrownBy(() -> cluster.admin()
                            .createTopic(NewTopic.of("as-brotli").withConfig("compression.type", "brotli")))
                    .isInstanceOfSatisfying(
                            LograftException.class,
                            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.INVALID_CONFIG));
        }
    }

    /** Compressed and plain batches of one stream and partition: the order is that of the sends. */
    private static List<String> writeWithEveryCodec(Lograft cluster, String topic) {
        List<String> written = new ArrayList<>();
        for (Compression codec : Compression.values()) {
            ProducerOptions options = ProducerOptions.builder()
                    .compression(codec)
                    .batchBytes(2_000)
                    .build();
            try (Producer producer = cluster.producer(options)) {
                for (int i = 0; i < RECORDS; i++) {
                    String value = codec.label() + " " + i + " of a text that repeats itself".repeat(3);
                    producer.send(ProducerRecord.of(topic, "key", value));
                    written.add(value);
                }
                producer.flush();
                assertThat(producer.stats().acknowledged()).isEqualTo(RECORDS);
            }
        }
        return written;
    }

    private static List<String> read(Lograft cluster, String topic, int count) {
        List<String> read = new ArrayList<>();
        try (Consumer consumer = cluster.consumer()) {
            consumer.assign(new TopicPartition(topic, 0));
            long endNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (read.size() < count && System.nanoTime() < endNs) {
                for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(1))) {
                    read.add(record.valueText());
                }
            }
        }
        return read;
    }

    private Set<Integer> codecsOnDisk(String topic) throws IOException {
        Set<Integer> codecs = new TreeSet<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(f ->
                            f.toString().contains(topic + "-0") && f.toString().endsWith(".log"))
                    .toList()) {
                BatchReader batches = BatchReader.over(ByteBuffer.wrap(Files.readAllBytes(file)));
                while (batches.advance()) {
                    codecs.add(batches.batch().header().codecBits());
                }
            }
        }
        return codecs;
    }
}
