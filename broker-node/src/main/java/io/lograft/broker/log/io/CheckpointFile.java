package io.lograft.broker.log.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The layout of Kafka's checkpoint files: a line with the version (0), a line with the number of entries, and a line for
 * each. A file that is cut, empty or filled with zeros does not fit its own count, and is told as damaged.
 */
public final class CheckpointFile {
    private static final String VERSION = "0";

    private CheckpointFile() {}

    /** The entries of the file; empty if it is missing or damaged. */
    public static Optional<List<String>> read(FileStore store, String path) throws IOException {
        if (!store.exists(path)) {
            return Optional.empty();
        }
        return parse(new String(WholeFile.read(store, path), StandardCharsets.UTF_8));
    }

    /** Replaces the file durably and in one step. */
    public static void replace(FileStore store, String path, List<String> entries) throws IOException {
        WholeFile.replace(store, path, format(entries).getBytes(StandardCharsets.UTF_8));
    }

    static String format(List<String> entries) {
        StringBuilder text = new StringBuilder();
        text.append(VERSION).append('\n').append(entries.size()).append('\n');
        for (String entry : entries) {
            text.append(entry).append('\n');
        }
        return text.toString();
    }

    static Optional<List<String>> parse(String text) {
        if (!text.endsWith("\n")) {
            return Optional.empty();
        }
        List<String> lines = text.lines().toList();
        boolean isWhole = lines.size() >= 2
                && lines.get(0).equals(VERSION)
                && lines.get(1).equals(Integer.toString(lines.size() - 2));
        return isWhole ? Optional.of(lines.subList(2, lines.size())) : Optional.empty();
    }
}
