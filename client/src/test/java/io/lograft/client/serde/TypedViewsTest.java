package io.lograft.client.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.client.Consumer;
import io.lograft.client.ConsumerOptions;
import io.lograft.client.Lograft;
import io.lograft.client.ProducerOptions;
import io.lograft.client.ProducerRecord;
import io.lograft.client.RecordMetadata;
import io.lograft.client.fake.FakeCluster;
import io.lograft.model.TopicPartition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TypedViewsTest {
    private static final String TOPIC = "orders";
    private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
    private static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);
    private static final ConsumerOptions MANUAL =
            ConsumerOptions.builder().autoCommit(Duration.ZERO).build();

    private FakeCluster fake;
    private Lograft cluster;

    @BeforeEach
    void connect() {
        fake = new FakeCluster(2);
        fake.createTopic(TOPIC, 2);
        cluster = Lograft.connect(fake.bootstrap());
    }

    @AfterEach
    void close() {
        cluster.close();
        fake.close();
    }

    private TypedConsumer<String, Long> reader(String group, TopicPartition... partitions) {
        Consumer consumer = group == null ? cluster.consumer() : cluster.consumer(group, MANUAL);
        consumer.assign(partitions);
        return new TypedConsumer<>(consumer, Serdes.string(), Serdes.longs());
    }

    /** Values of good records, and what the failures said; stops at so many of both. */
    private static List<String> readAll(TypedConsumer<String, Long> consumer, int count) {
        List<String> read = new ArrayList<>();
        while (read.size() < count) {
            try {
                consumer.poll(Duration.ofMillis(50))
                        .forEach(record -> read.add(record.partition() + ":" + record.key() + "=" + record.value()));
            } catch (DeserializationException e) {
                read.add("bad " + e.topicPartition() + "@" + e.offset());
                consumer.skip(e);
            }
        }
        return read;
    }

    private void sendRaw(int partition, byte[] value) {
        cluster.producer()
                .send(ProducerRecord.of(TOPIC, "k".getBytes(UTF_8), value).withPartition(partition))
                .join();
    }

    private void sendLong(int partition, Long value) {
        sendRaw(partition, value == null ? null : Serdes.longs().serialize(TOPIC, value));
    }

    @Test
    void objectsMakeTheRoundTripAndNullsStayNull() {
        TypedProducer<String, Long> producer = cluster.producer(Serdes.string(), Serdes.longs());
        List<CompletableFuture<RecordMetadata>> sent = new ArrayList<>();
        sent.add(producer.send(
                TypedRecord.<String, Long>of(TOPIC, "a", 5L).withPartition(0).withHeader("h", new byte[] {1})));
        sent.add(producer.send(
                TypedRecord.<String, Long>of(TOPIC, null, 6L).withPartition(0).withTimestamp(77)));
        CompletableFuture<Long> offset = new CompletableFuture<>();
        producer.send(
                TypedRecord.<String, Long>of(TOPIC, "c", null).withPartition(0),
                (metadata, failure) -> offset.complete(metadata.offset()));
        producer.flush();
        assertThat(sent).allMatch(CompletableFuture::isDone);
        assertThat(offset.join()).isEqualTo(2);

        TypedConsumer<String, Long> consumer = reader(null, FIRST);
        List<TypedConsumerRecord<String, Long>> read = new ArrayList<>();
        while (read.size() < 3) {
            read.addAll(consumer.poll(Duration.ofMillis(50)));
        }
        assertThat(read).extracting(TypedConsumerRecord::key).containsExactly("a", null, "c");
        assertThat(read).extracting(TypedConsumerRecord::value).containsExactly(5L, 6L, null);
        assertThat(read.get(0).headers()).hasSize(1);
        assertThat(read.get(1).timestampMs()).isEqualTo(77);
        assertThat(read.get(2).offset()).isEqualTo(2);
        assertThat(read.get(2).topic()).isEqualTo(TOPIC);
    }

    @Test
    void aKeyGoesToThePartitionThatItsBytesGoTo() {
        TypedProducer<String, Long> typed = cluster.producer(Serdes.string(), Serdes.longs());
        for (int i = 0; i < 20; i++) {
            int plain = cluster.producer()
                    .send(ProducerRecord.of(TOPIC, "key-" + i, "x"))
                    .join()
                    .partition();
            assertThat(typed.send(TOPIC, "key-" + i, 1L).join().partition()).isEqualTo(plain);
        }
    }

    @Test
    void whatCannotBeEncodedIsNotSent() {
        Serializer<String> picky = (topic, text) -> {
            throw new IllegalStateException("no " + text);
        };
        TypedProducer<String, String> producer = cluster.producer(Serdes.string(), picky, ProducerOptions.defaults());
        assertThatThrownBy(() -> producer.send(TOPIC, "k", "word"))
                .isInstanceOf(SerializationException.class)
                .hasMessage("the value of a record for topic 'orders' cannot be encoded: no word")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(producer.producer().stats().sent()).isZero();
        assertThat(producer.send(TOPIC, "k", null).join().offset()).isZero();
    }

    @Test
    void aRecordThatCannotBeDecodedStopsItsPartitionUntilItIsSkipped() {
        sendLong(0, 1L);
        sendRaw(0, "no number".getBytes(UTF_8));
        sendLong(0, 3L);
        TypedConsumer<String, Long> consumer = reader("billing", FIRST);

        List<TypedConsumerRecord<String, Long>> first = new ArrayList<>();
        while (first.isEmpty()) {
            first.addAll(consumer.poll(Duration.ofMillis(50)));
        }
        assertThat(first).extracting(TypedConsumerRecord::value).containsExactly(1L);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> consumer.poll(Duration.ofSeconds(10)))
                    .isInstanceOfSatisfying(DeserializationException.class, e -> {
                        assertThat(e.topicPartition()).isEqualTo(FIRST);
                        assertThat(e.offset()).isEqualTo(1);
                        assertThat(e.record().valueText()).isEqualTo("no number");
                    })
                    .hasMessage(
                            "the value of 9 bytes of the record at offset 1 of partition orders-0 cannot be decoded:"
                                    + " a long has 8 bytes, not 9");
            consumer.commit();
            assertThat(fake.groups.committed(FIRST)).isEqualTo(1);
        }
        assertThat(readAll(consumer, 2)).containsExactly("bad orders-0@1", "0:k=3");
        consumer.commit();
        assertThat(fake.groups.committed(FIRST)).isEqualTo(3);
    }

    @Test
    void otherPartitionsGoOnAndNothingIsReadTwice() {
        for (int i = 0; i < 10; i++) {
            sendLong(1, (long) i);
            if (i % 3 == 0) {
                sendRaw(0, new byte[i]);
            } else {
                sendLong(0, (long) i);
            }
        }
        List<String> read = readAll(reader(null, FIRST, SECOND), 20);

        assertThat(read.stream().filter(line -> line.startsWith("1:")))
                .containsExactly(
                        "1:k=0", "1:k=1", "1:k=2", "1:k=3", "1:k=4", "1:k=5", "1:k=6", "1:k=7", "1:k=8", "1:k=9");
        assertThat(read.stream().filter(line -> !line.startsWith("1:")))
                .containsExactly(
                        "bad orders-0@0",
                        "0:k=1",
                        "0:k=2",
                        "bad orders-0@3",
                        "0:k=4",
                        "0:k=5",
                        "bad orders-0@6",
                        "0:k=7",
                        "0:k=8",
                        "bad orders-0@9");
    }

    @Test
    void aFailureOfAPartitionThatIsNoLongerReadIsForgotten() {
        sendLong(0, 1L);
        sendRaw(0, new byte[1]);
        sendLong(1, 9L);
        TypedConsumer<String, Long> consumer = reader(null, FIRST);
        while (consumer.poll(Duration.ofMillis(50)).isEmpty()) {
            assertThat(consumer.consumer().assignment()).hasSize(1);
        }
        consumer.consumer().assign(SECOND);
        assertThat(readAll(consumer, 1)).containsExactly("1:k=9");
    }

    @Test
    void levelsOfCodecsAreChecked() {
        assertThatThrownBy(() -> ProducerOptions.builder()
                        .compression(io.lograft.record.Compression.ZSTD)
                        .compressionLevel(23)
                        .build())
                .hasMessage("compressionLevel of zstd cannot be 23");
        assertThat(ProducerOptions.builder()
                        .compression(io.lograft.record.Compression.ZSTD)
                        .build()
                        .compressionLevel())
                .isEqualTo(3);
    }
}
