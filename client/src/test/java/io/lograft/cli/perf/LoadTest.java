package io.lograft.cli.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadTest {
    @TempDir
    Path directory;

    @Test
    void atARateTheTimesAreFixedBeforehand() {
        Pacer pacer = new Pacer(1_000, 4);

        assertThat(pacer.dueNs(0, 9_999_999_999L)).isEqualTo(1_000);
        assertThat(pacer.dueNs(3, 0)).isEqualTo(750_001_000);
    }

    @Test
    void flatOutARecordIsDueWhenItIsSent() {
        assertThat(new Pacer(1_000, 0).dueNs(7, 42)).isEqualTo(42);
    }

    @Test
    void aFileGivesItsLinesByteForByte() throws IOException {
        Path file = Files.write(directory.resolve("lines"), new byte[] {'a', (byte) 0xFF, '\n', '\n', 'z'});

        assertThat(read(new RecordSource.FileLines(file, false), 9)).containsExactly("61ff", "", "7a");
        assertThat(read(new RecordSource.FileLines(file, true), 4)).containsExactly("61ff", "", "7a", "61ff");
    }

    @Test
    void anEmptyFileHasNoRecordHoweverOftenItIsRead() throws IOException {
        assertThat(read(new RecordSource.FileLines(Files.createFile(directory.resolve("empty")), true), 2))
                .isEmpty();
    }

    @Test
    void cpuTimeIsFoundInAMetricsPage() {
        assertThat(BrokerCpu.parse("# HELP process_cpu_time_ns_total x\nprocess_cpu_time_ns_total 1.5E9\n"))
                .isEqualTo(1.5);
        assertThat(BrokerCpu.parse("a 1\nprocess_cpu_seconds_total 2.25")).isEqualTo(2.25);
        assertThat(BrokerCpu.parse("a 1\n")).isNaN();
    }

    @Test
    void cpuTimeOfOneUnknownProcessMakesTheSumUnknown() {
        long own = ProcessHandle.current().pid();

        assertThat(BrokerCpu.ofProcesses(List.of(own)).seconds().orElse(0)).isPositive();
        assertThat(BrokerCpu.ofProcesses(List.of(own, Long.MAX_VALUE)).seconds())
                .isEmpty();
        assertThat(BrokerCpu.difference(OptionalDouble.of(1), OptionalDouble.empty()))
                .isEmpty();
    }

    @Test
    void ratesAreRecordsAndMillionBytesASecond() {
        Figures figures = new Figures(2_000, 4_000_000, 2, 0, OptionalDouble.empty());

        assertThat(figures.recordsPerSecond()).isEqualTo(1_000);
        assertThat(figures.megabytesPerSecond()).isEqualTo(2);
    }

    private static List<String> read(RecordSource source, int countMax) throws IOException {
        List<String> values = new ArrayList<>();
        try (source) {
            byte[] value = source.next();
            while (value != null && values.size() < countMax) {
                StringBuilder hex = new StringBuilder();
                for (char c : new String(value, StandardCharsets.ISO_8859_1).toCharArray()) {
                    hex.append(String.format("%02x", (int) c));
                }
                values.add(hex.toString());
                value = source.next();
            }
        }
        return values;
    }
}
