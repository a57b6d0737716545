package io.lograft.broker.log.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The layout of Kafka's checkpoint files: a line with the version (0), a line with the number of entries, and a line for
 * each. A last line has the CRC-32C of the lines before it, which files of Kafka, and older ones, do not have. A file that
 * is cut, empty, filled with zeros or changed does not fit its own count or checksum, and is told as damaged.
 */
public final class CheckpointFile {
    private static final String VERSION = "0";
    private static final String CRC_KEY = "crc ";

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
        return text.append(crcLine(text.toString())).append('\n').toString();
    }

    private static String crcLine(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%s%08x", CRC_KEY, crc.getValue());
    }

    /** The entries in such a text; empty if it is damaged. */
    public static Optional<List<String>> parse(String text) {
        if (!text.endsWith("\n")) {
            return Optional.empty();
        }
        List<String> lines = text.lines().toList();
        String last = lines.getLast();
        if (last.startsWith(CRC_KEY)) {
            String checked = text.substring(0, text.length() - last.length() - 1);
            if (!last.equals(crcLine(checked))) {
                return Optional.empty();
            }
            lines = lines.subList(0, lines.size() - 1);
        }
        boolean isWhole = lines.size() >= 2
                && lines.get(0).equals(VERSION)
                && lines.get(1).equals(Integer.toString(lines.size() - 2));
        return isWhole ? Optional.of(lines.subList(2, lines.size())) : Optional.empty();
    }
}
