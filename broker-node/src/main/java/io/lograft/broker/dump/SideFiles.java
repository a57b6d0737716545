package io.lograft.broker.dump;

import io.lograft.broker.dump.format.Document;
import io.lograft.broker.log.io.ReadOnlyFiles;
import io.lograft.broker.log.state.EpochHistory;
import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.SegmentSummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;

/** Shows and checks the files beside the segments, each for itself. They are small and read as a whole. Stateless. */
final class SideFiles {
    private static final int SNAPSHOT_ENTRIES_POSITION = 10;
    private static final int SNAPSHOT_ENTRY_BYTES = 46;
    private static final int FLUSHED_IDENTITY_LINES_MIN = 2;
    private static final String CRC_KEY = "crc: ";

    private SideFiles() {}

    /** Shows the file; false where its name says that it is none of these. */
    static boolean dump(DumpOutput out, String path) throws IOException {
        String name = FileNames.of(path);
        if (!isKnown(name)) {
            return false;
        }
        Optional<byte[]> content = ReadOnlyFiles.readWhole(path, TextFile.SIZE_BYTES_MAX);
        if (content.isEmpty()) {
            out.notice(path, -1, -1, "the file vanished before it was read");
            return true;
        }
        dump(out, path, name, content.get());
        return true;
    }

    static boolean isKnown(String name) {
        return FileNames.offset(name, FileNames.SNAPSHOT).isPresent()
                || switch (name) {
                    case FileNames.EPOCHS,
                            FileNames.PARTITION_METADATA,
                            FileNames.TRUNCATION_POINT,
                            FileNames.COMPACTION,
                            FileNames.RECOVERY_POINTS,
                            FileNames.HIGH_WATERMARKS,
                            FileNames.LOG_STARTS,
                            FileNames.CLEANER_OFFSETS,
                            FileNames.META,
                            FileNames.CLEAN,
                            FileNames.KAFKA_CLEAN,
                            "boot-id",
                            "failed-boot-id",
                            "lost-producers",
                            "broker.pid" -> true;
                    default -> false;
                };
    }

    private static void dump(DumpOutput out, String path, String name, byte[] content) {
        OptionalLong snapshot = FileNames.offset(name, FileNames.SNAPSHOT);
        if (snapshot.isPresent()) {
            snapshot(out, path, content, snapshot.getAsLong());
            return;
        }
        switch (name) {
            case FileNames.EPOCHS -> epochs(out, path, content);
            case FileNames.TRUNCATION_POINT -> truncationPoint(out, path, content);
            case FileNames.RECOVERY_POINTS,
                    FileNames.HIGH_WATERMARKS,
                    FileNames.LOG_STARTS,
                    FileNames.CLEANER_OFFSETS -> offsets(out, path, content);
            case FileNames.PARTITION_METADATA, FileNames.COMPACTION -> fields(out, path, name, content);
            case FileNames.META -> properties(out, path, content);
            default -> mark(out, path, content);
        }
    }

    private static void snapshot(DumpOutput out, String path, byte[] content, long nameOffset) {
        out.file(path, "producer-snapshot", content.length);
        if (ProducerSnapshot.decode(content).isEmpty()) {
            out.problem(path, 0, -1, "version, checksum or count do not fit the " + content.length + " bytes");
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(content);
        Optional<SegmentSummary> summary = SegmentSummary.decodeLast(bytes);
        int end = content.length - (summary.isPresent() ? SegmentSummary.SIZE_BYTES : 0);
        for (int at = SNAPSHOT_ENTRIES_POSITION; at < end; at += SNAPSHOT_ENTRY_BYTES) {
            bytes.position(at);
            long producerId = bytes.getLong();
            short epoch = bytes.getShort();
            int lastSequence = bytes.getInt();
            long lastOffset = bytes.getLong();
            out.content(Document.of("producer")
                    .with("producerId", producerId)
                    .with("producerEpoch", epoch)
                    .with("lastSequence", lastSequence)
                    .with("lastOffset", lastOffset)
                    .with("offsetDelta", bytes.getInt())
                    .with("timestampMs", bytes.getLong())
                    .with("coordinatorEpoch", bytes.getInt())
                    .with("transactionFirstOffset", bytes.getLong()));
            if (lastOffset >= nameOffset) {
                out.problem(
                        path,
                        at,
                        lastOffset,
                        "producer " + producerId + " has offset " + lastOffset
                                + ", but the snapshot is of the log's end at " + nameOffset);
            }
        }
        summary.ifPresent(segment -> out.content(Document.of("segmentSummary")
                .with("baseOffset", segment.baseOffset())
                .with("nextOffset", segment.nextOffset())
                .with("lastEpoch", segment.lastEpoch())
                .with("sizeBytes", segment.sizeBytes())
                .with("offsetIndexEntries", segment.entries().offsets())
                .with("timeIndexEntries", segment.entries().times())
                .with("maxTimestampMs", segment.times().maxMs())
                .with("maxTimestampOffset", segment.times().maxOffset())
                .with("firstAppendMs", segment.times().firstAppendMs())));
    }

    private static void epochs(DumpOutput out, String path, byte[] content) {
        out.file(path, "leader-epochs", content.length);
        Optional<EpochHistory> history = TextFile.checkpoint(content).flatMap(EpochHistory::parse);
        if (history.isEmpty()) {
            out.problem(path, 0, -1, "no checkpoint of version 0 with as many entries as it says, both numbers rising");
            return;
        }
        history.get()
                .starts()
                .forEach(start -> out.content(Document.of("leader-epoch")
                        .with("epoch", start.epoch())
                        .with("startOffset", start.startOffset())));
    }

    private static void truncationPoint(DumpOutput out, String path, byte[] content) {
        out.file(path, "truncation-point", content.length);
        List<String> lines = TextFile.checkpoint(content).orElse(List.of());
        OptionalLong offset = lines.size() == 1 ? TextFile.number(lines.getFirst()) : OptionalLong.empty();
        if (offset.isEmpty()) {
            out.problem(path, 0, -1, "no checkpoint of version 0 with one offset");
            return;
        }
        out.content(Document.of("truncation-point").with("offset", offset.getAsLong()));
    }

    private static void offsets(DumpOutput out, String path, byte[] content) {
        out.file(path, "checkpoint", content.length);
        if (content.length == 0) {
            out.notice(path, 0, -1, "the checkpoint is empty: Kafka makes it so, here it counts as missing");
            return;
        }
        Optional<List<String>> lines = TextFile.checkpoint(content);
        if (lines.isEmpty()) {
            out.problem(path, 0, -1, "no checkpoint of version 0 with as many entries as it says");
            return;
        }
        for (int i = 0; i < lines.get().size(); i++) {
            String[] fields = lines.get().get(i).split(" ", -1);
            OptionalLong partition = fields.length == 3 ? TextFile.number(fields[1]) : OptionalLong.empty();
            OptionalLong offset = fields.length == 3 ? TextFile.number(fields[2]) : OptionalLong.empty();
            if (partition.isEmpty() || offset.isEmpty()) {
                out.problem(path, -1, -1, "line " + (i + 3) + " is not a topic, a partition and an offset");
                return;
            }
            out.content(Document.of("checkpoint-entry")
                    .with("topic", fields[0])
                    .with("partition", partition.getAsLong())
                    .with("offset", offset.getAsLong()));
        }
    }

    /** Lines of {@code name: value}, with the checksum of those before in the last; Kafka's has no checksum. */
    private static void fields(DumpOutput out, String path, String name, byte[] content) {
        out.file(path, name.replace('.', '-'), content.length);
        String text = new String(content, StandardCharsets.ISO_8859_1);
        text.lines().forEach(line -> property(out, line, ": "));
        int crcAt = text.lastIndexOf(CRC_KEY);
        boolean isKafkas = crcAt < 0 && text.matches("version: 0\ntopic_id: [A-Za-z0-9_-]{22}\n?");
        if (!isKafkas && (crcAt < 0 || !text.substring(crcAt).equals(crcLine(text.substring(0, crcAt))))) {
            out.problem(path, Math.max(0, crcAt), -1, "the checksum in the last line is not that of the lines before");
        }
    }

    private static String crcLine(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
        return String.format(Locale.ROOT, "%s%08x\n", CRC_KEY, crc.getValue());
    }

    private static void properties(DumpOutput out, String path, byte[] content) {
        out.file(path, "meta-properties", content.length);
        String text = new String(content, StandardCharsets.UTF_8);
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> property(out, line, "="));
        long lines = text.lines().filter(line -> line.contains("=")).count();
        if (!text.endsWith("\n") || lines < FLUSHED_IDENTITY_LINES_MIN) {
            out.problem(path, content.length, -1, "the file is cut: its last line has no end, or lines are missing");
        }
    }

    private static void property(DumpOutput out, String line, String separator) {
        int at = line.indexOf(separator);
        out.content(Document.of("property")
                .with("name", at < 0 ? line : line.substring(0, at))
                .with("value", at < 0 ? null : line.substring(at + separator.length())));
    }

    private static void mark(DumpOutput out, String path, byte[] content) {
        out.file(path, "mark", content.length);
        out.content(Document.of("property")
                .with("name", FileNames.of(path))
                .with("value", new String(content, StandardCharsets.UTF_8).strip()));
    }
}
