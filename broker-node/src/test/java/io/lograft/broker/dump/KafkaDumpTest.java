package io.lograft.broker.dump;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.tools.DumpLogSegments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own tool and ours say the same of files that were appended to, rolled and truncated, and of Kafka's files. */
final class KafkaDumpTest {
    @TempDir
    private File root;

    private static String kafka(List<String> files) throws IOException {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        try (PrintStream target = new PrintStream(captured, true, StandardCharsets.UTF_8)) {
            System.setOut(target);
            System.setErr(target);
            DumpLogSegments.main(
                    new String[] {"--files", String.join(",", files), "--deep-iteration", "--print-data-log"});
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }

    private static List<String> files(File partition, String suffix) {
        return Arrays.stream(partition.listFiles())
                .map(File::getPath)
                .filter(path -> path.endsWith(suffix))
                .sorted()
                .toList();
    }

    private static void compare(File partition) throws IOException {
        String theirs = kafka(files(partition, ".log"));
        assertThat(theirs).doesNotContain("isvalid: false").doesNotContain("invalid bytes");
        List<String> batches = theirs.lines()
                .filter(line -> line.startsWith("baseOffset: "))
                .map(line -> line.replaceAll(
                        "baseOffset: (\\d+) lastOffset: (\\d+) count: (\\d+) .*crc: (\\d+).*", "$1 $2 $3 $4"))
                .toList();
        List<String> ours = Dumps.run(partition, options -> options).kind("batch").stream()
                .map(line -> line.replaceAll(
                        ".*baseOffset=(\\d+) lastOffset=(\\d+) recordCount=(\\d+) .* crc=([0-9a-f]+).*", "$1 $2 $3 $4"))
                .map(KafkaDumpTest::decimalCrc)
                .toList();
        assertThat(ours).isNotEmpty().isEqualTo(batches);
        String indexes = kafka(files(partition, ".index")) + kafka(files(partition, ".timeindex"));
        assertThat(indexes)
                .doesNotContain("Mismatches")
                .doesNotContain("mismatch")
                .doesNotContain("out of order")
                .doesNotContain("not found in");
    }

    private static String decimalCrc(String line) {
        int space = line.lastIndexOf(' ');
        return line.substring(0, space + 1) + Long.parseLong(line.substring(space + 1), 16);
    }

    @Test
    void ourFilesAfterRollsAndTruncation() throws IOException {
        SampleDirectory sample = SampleDirectory.open(root);
        sample.flush();
        sample.orders.truncateTo(19, 1000);
        for (int i = 24; i < 40; i++) {
            sample.append(i);
        }
        sample.closeCleanly();
        assertThat(Dumps.verify(root).kind("problem")).isEmpty();
        compare(new File(root, "orders-0"));
    }

    @Test
    void kafkasFiles() throws IOException {
        compare(new File("src/test/resources/golden/files/kafka-4.3.1/orders-0"));
        compare(new File("src/test/resources/golden/files/kafka-4.3.1/compacted-0"));
    }
}
