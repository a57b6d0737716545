package io.lograft.cli.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.lograft.cli.Main;
import io.lograft.client.Consumer;
import io.lograft.client.Lograft;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.fake.FakeCluster;
import io.lograft.client.fake.Fault;
import io.lograft.model.TopicPartition;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PerfLatencyCommandTest {
    private FakeCluster fake;
    private String out;
    private String err;

    @BeforeEach
    void start() {
        fake = new FakeCluster(1);
        fake.createTopic("orders", 2);
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    @Test
    void everyRecordIsCountedOnceAndOldOnesAreNot() {
        try (Lograft cluster = Lograft.connect(fake.bootstrap());
                Producer producer = cluster.producer()) {
            producer.send(ProducerRecord.of("orders", "an old one")).join();
        }

        assertThat(run("--records", "201", "--rate", "1000", "--warm-up", "0.1", "--size", "16", "-o", "json"))
                .as(err)
                .isZero();

        JsonObject document = JsonParser.parseString(out).getAsJsonObject();
        assertThat(document.get("test").getAsString()).isEqualTo("latency");
        for (String all : List.of("sent", "records", "arrived")) {
            assertThat(document.get(all).getAsLong()).as(all).isEqualTo(201);
        }
        for (String none : List.of("failed", "missing", "late", "duplicates", "foreignRecords")) {
            assertThat(document.get(none).getAsLong()).as(none).isZero();
        }
        assertThat(document.getAsJsonObject("warmUp").get("records").getAsLong())
                .isEqualTo(100);
        for (String latency : List.of("latencyMs", "endToEndLatencyMs")) {
            assertThat(document.getAsJsonObject(latency).keySet())
                    .containsExactly("p50", "p95", "p99", "p999", "max", "mean");
        }
        assertThat(document.get("clean").getAsBoolean()).isTrue();
        assertThat(fake.records(new TopicPartition("orders", 0)).size()
                        + fake.records(new TopicPartition("orders", 1)).size())
                .isEqualTo(302);
    }

    @Test
    void theTableHasBothLatencies() {
        assertThat(run("--duration", "0.1", "--warm-up", "0", "--acks", "leader"))
                .as(err)
                .isZero();
        assertThat(out)
                .contains("acks leader")
                .containsPattern("LATENCY MS +ACKNOWLEDGED +END TO END\n")
                .containsPattern("p99\\.9 +[0-9.,]+ +[0-9.,]+\n")
                .containsPattern("mean +[0-9.,]+ +[0-9.,]+\n")
                .containsPattern("records acknowledged +100\n")
                .containsPattern("missing +0\n");
        assertThat(err).contains("perf latency: 100 of 100 records (100 %)");
    }

    @Test
    void whatIsAcknowledgedAndNeverReadIsMissing() {
        // With acks=none a record counts as acknowledged once it is sent.
        fake.faults(partition -> partition.partition() == 1 ? Fault.SILENCE : Fault.NONE);

        assertThat(run(
                        "--records",
                        "10",
                        "--rate",
                        "1000",
                        "--warm-up",
                        "0",
                        "--acks",
                        "none",
                        "--arrival-seconds",
                        "3",
                        "-o",
                        "json"))
                .isEqualTo(1);
        JsonObject document = JsonParser.parseString(out).getAsJsonObject();
        assertThat(document.get("records").getAsLong()).isEqualTo(10);
        assertThat(document.get("arrived").getAsLong()).isEqualTo(5);
        assertThat(document.get("missing").getAsLong()).isEqualTo(5);
        assertThat(document.get("clean").getAsBoolean()).isFalse();
        assertThat(err)
                .contains("error: NOT_CLEAN: 5 acknowledged records were not read within 3.0 s of their"
                        + " acknowledgement, 0 of them later");
    }

    @Test
    void recordsThatFailMakeItFail() {
        fake.faults(partition -> partition.partition() == 1 ? Fault.RECORD_TOO_LARGE : Fault.NONE);

        assertThat(run("--records", "10", "--rate", "1000", "--warm-up", "0", "-o", "json"))
                .isEqualTo(1);
        JsonObject document = JsonParser.parseString(out).getAsJsonObject();
        assertThat(document.get("records").getAsLong()).isEqualTo(5);
        assertThat(document.get("failed").getAsLong()).isEqualTo(5);
        assertThat(document.get("missing").getAsLong()).isZero();
        assertThat(document.get("firstFailure").isJsonNull()).isFalse();
        assertThat(err).contains("error: RECORD_TOO_LARGE: 5 records were not acknowledged; the first: ");
    }

    @Test
    void aReaderThatCannotGoOnEndsTheRun() {
        ByteArrayOutputStream progressBytes = new ByteArrayOutputStream();
        PrintStream progressOut = new PrintStream(progressBytes, true, StandardCharsets.UTF_8);
        try (Lograft cluster = Lograft.connect(fake.bootstrap());
                Producer producer = cluster.producer();
                PerfProgress progress = new PerfProgress("perf latency", 1_000_000, progressOut)) {
            Consumer consumer = cluster.consumer();
            LatencyRun run = new LatencyRun(
                    producer, consumer, new LatencyRun.Load("orders", 16, 1_000, 0, 1_000_000, Duration.ofSeconds(30)));
            consumer.close();

            assertThatThrownBy(() -> run.run(progress)).isInstanceOf(IllegalStateException.class);
            assertThat(run.ledger().outcome().sent()).isLessThan(1_000_000);
        }
    }

    @Test
    void anUnknownTopicIsSaid() {
        assertThat(runOn("nope")).isEqualTo(1);
        assertThat(err).startsWith("error: UNKNOWN_TOPIC: ");
    }

    @Test
    void optionsThatMakeNoSenseAreWrongUsage() {
        refused("--rate is 0.01 to 10000000 records/s, not 0.0", "--rate", "0");
        refused("--rate is 0.01 to 10000000 records/s, not -5.0", "--rate", "-5");
        refused("--rate is 0.01 to 10000000 records/s, not NaN", "--rate", "NaN");
        refused("--rate 0.01 for --duration 30.0 s is less than one record", "--rate", "0.01");
        refused("--size must be at least 16, to hold what tells the records apart", "--size", "15");
        refused("and at most 8388608, not 8388609", "--size", "8388609");
        refused("--duration and --records exclude each other", "--duration", "1", "--records", "1");
        refused("--duration must be positive and at most 2592000 s, not 0.0", "--duration", "0");
        refused("--records must be positive", "--records", "0");
        refused("not 2592000001", "--records", "2592000001");
        refused("--warm-up must be from 0 to 2592000 s, not -1.0", "--warm-up", "-1");
        refused("--arrival-seconds must be positive and at most 2592000 s, not 0.0", "--arrival-seconds", "0");
        refused("batchBytes cannot be 1", "--batch-bytes", "1");
    }

    private void refused(String message, String... options) {
        assertThat(run(options)).as(message).isEqualTo(2);
        assertThat(err).startsWith("error: USAGE: ").contains(message);
        assertThat(out).isEmpty();
    }

    private int run(String... options) {
        return runOn("orders", options);
    }

    private int runOn(String topic, String... options) {
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        List<String> all = new ArrayList<>(List.of("perf", "latency", topic));
        all.addAll(List.of(options));
        int status = Main.run(
                all.toArray(String[]::new),
                Map.of("LOGRAFT_BOOTSTRAP", fake.bootstrap()),
                new PrintStream(outBytes, false, StandardCharsets.UTF_8),
                new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        out = outBytes.toString(StandardCharsets.UTF_8);
        err = errBytes.toString(StandardCharsets.UTF_8);
        return status;
    }
}
