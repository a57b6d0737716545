package io.lograft.broker.log.compact;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What a replica remembers of its compactions.
 *
 * @param cleanedTo all below was compacted; if it is lost, the next compaction begins anew
 * @param tombstonesGoneBelow tombstones below this may have been removed: a follower that ends before has to start over,
 *     as it may have the values and would never see that they are deleted
 */
public record CompactionCheckpoint(long cleanedTo, long tombstonesGoneBelow) {
    public static final CompactionCheckpoint NOTHING = new CompactionCheckpoint(0, 0);

    private static final String CRC_KEY = "crc: ";

    /** Takes over the content of a file; empty if it is damaged. */
    public static Optional<CompactionCheckpoint> decode(byte[] content) {
        String[] lines = new String(content, StandardCharsets.ISO_8859_1).split("\n", -1);
        if (lines.length != 5) {
            return Optional.empty();
        }
        try {
            CompactionCheckpoint found = new CompactionCheckpoint(number(lines[1]), number(lines[2]));
            boolean isWhole = Arrays.equals(found.encode(), content);
            return isWhole ? Optional.of(found) : Optional.empty();
        } catch (NumberFormatException damaged) {
            return Optional.empty();
        }
    }

    private static long number(String line) {
        return Long.parseLong(line.substring(line.indexOf(' ') + 1));
    }

    public byte[] encode() {
        String text = "version: 0\ncleaned_to: " + cleanedTo + "\ntombstones_gone_below: " + tombstonesGoneBelow + "\n";
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return (text + CRC_KEY + String.format(Locale.ROOT, "%08x\n", crc.getValue()))
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The same with more compacted, or more tombstones removed. */
    public CompactionCheckpoint cleanedTo(long offset) {
        return new CompactionCheckpoint(offset, tombstonesGoneBelow);
    }

    public CompactionCheckpoint withTombstonesGoneBelow(long offset) {
        return new CompactionCheckpoint(cleanedTo, Math.max(tombstonesGoneBelow, offset));
    }

    /** After the log was cut to this end. */
    public CompactionCheckpoint truncatedTo(long end) {
        return new CompactionCheckpoint(Math.min(cleanedTo, end), tombstonesGoneBelow);
    }
}
