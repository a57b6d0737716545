package io.lograft.broker.dump;

import io.lograft.broker.log.io.CheckpointFile;
import io.lograft.broker.log.io.ReadOnlyFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Small text files: checkpoints of Kafka's layout and lines of {@code name: value}. Stateless. */
final class TextFile {
    /** A checkpoint of a hundred thousand partitions has some 10 MB. */
    static final int SIZE_BYTES_MAX = 64 << 20;

    private TextFile() {}

    /** The lines between the count and the end; empty where the file is missing or does not fit its count. */
    static Optional<List<String>> checkpoint(String path) throws IOException {
        return ReadOnlyFiles.readWhole(path, SIZE_BYTES_MAX).flatMap(TextFile::checkpoint);
    }

    static Optional<List<String>> checkpoint(byte[] content) {
        return CheckpointFile.parse(new String(content, StandardCharsets.UTF_8));
    }

    /** The offset of one partition in a checkpoint of a log directory; 0 where it has none. */
    static long checkpointed(String path, String partitionName) throws IOException {
        String start = FileNames.topic(partitionName) + " " + FileNames.partition(partitionName) + " ";
        for (String line : checkpoint(path).orElse(List.of())) {
            if (line.startsWith(start)) {
                return number(line.substring(start.length())).orElse(0);
            }
        }
        return 0;
    }

    /** The number in the line {@code name: number}. */
    static OptionalLong field(byte[] content, String name) {
        return new String(content, StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> number(line.substring(name.length() + 2)))
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }
}
