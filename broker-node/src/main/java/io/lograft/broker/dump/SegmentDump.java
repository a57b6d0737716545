package io.lograft.broker.dump;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lograft.broker.dump.format.BatchDocuments;
import io.lograft.broker.dump.format.Document;
import io.lograft.broker.dump.format.GroupDocuments;
import io.lograft.broker.group.runtime.GroupRecordCodec;
import io.lograft.broker.log.io.ReadOnlyFiles;
import io.lograft.broker.log.io.ReadOnlyFiles.ReadOnlyFile;
import io.lograft.record.BatchFault;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchValidator;
import io.lograft.record.DecodedRecord;
import io.lograft.record.RecordBatch;
import java.io.IOException;
import java.util.Optional;

/**
 * Shows or checks one segment file. What does not fit at the end of the segment that is appended to is read again before it
 * is told, since a broker may be writing it, and is then a torn tail and no damage, unless it had been flushed or sound
 * batches follow it. For one log.
 */
final class SegmentDump {
    private static final int ATTEMPTS = 3;

    private final DumpOutput out;
    private final DumpOptions options;
    private final Surroundings surroundings;
    private final LogChecks checks;
    private String path;
    private long base;
    private Frame suspect;
    private boolean isTorn;

    SegmentDump(DumpOutput out, Surroundings surroundings, LogChecks checks) {
        this.out = out;
        this.options = out.options();
        this.surroundings = surroundings;
        this.checks = checks;
    }

    /** Shows or checks the segment; false where its end is torn, so that nothing can follow. */
    boolean dump(String segmentPath, long baseOffset) throws IOException {
        path = segmentPath;
        base = baseOffset;
        suspect = null;
        isTorn = false;
        if (!options.isVerifying()) {
            try (IndexSeek seek = IndexSeek.open(path)) {
                dump(Optional.empty(), seek);
            }
            return !isTorn;
        }
        boolean isClosed = !surroundings.isActive(base);
        try (IndexChecks indexes = IndexChecks.open(out, path, base, isClosed)) {
            dump(Optional.of(indexes), null);
        }
        return !isTorn;
    }

    private void dump(Optional<IndexChecks> indexes, IndexSeek seek) throws IOException {
        Optional<ReadOnlyFile> opened = ReadOnlyFiles.open(path);
        if (opened.isEmpty()) {
            out.notice(path, -1, base, "the file vanished before it was read; retention deletes old segments");
            checks.vanished();
            return;
        }
        try (ReadOnlyFile file = opened.get()) {
            long end = file.sizeBytes();
            out.file(path, "segment", end);
            if (options.isVerifying()) {
                checks.segment(path, base);
            }
            long start = seek == null ? 0 : seek.positionOf(options.fromOffset(), base);
            walk(file, isBatch(file, start, end) ? start : 0, end, indexes);
        }
    }

    /** The index may lead astray, and the walk begins at the start of the file then. */
    private boolean isBatch(ReadOnlyFile file, long start, long end) throws IOException {
        SegmentFrames probe = new SegmentFrames(file, start, end, SegmentFrames.Depth.CHECKSUMS);
        return start == 0
                || (probe.next()
                        && probe.frame().isValid()
                        && probe.frame().baseOffset() >= base
                        && probe.frame().baseOffset() <= options.fromOffset());
    }

    private void walk(ReadOnlyFile file, long start, long end, Optional<IndexChecks> indexes) throws IOException {
        SegmentFrames frames = frames(file, start, end);
        long lastOffset = base - 1;
        boolean isPastRange = false;
        while (!isPastRange) {
            if (!frames.next()) {
                SegmentFrames again = frames.damage() == null ? frames : reread(file, frames);
                if (again == frames) {
                    break;
                }
                frames = again;
            }
            Frame frame = frames.frame();
            if (!frame.isValid()) {
                SegmentFrames again = rereadFrame(file, frame);
                frames = again == null ? frames : again;
                frame = frames.frame();
            }
            isPastRange = !options.isVerifying() && frame.baseOffset() > options.toOffset();
            if (!isPastRange) {
                frame(frame, indexes);
                lastOffset = frame.lastOffset();
            }
        }
        end(file, frames, lastOffset + 1);
        if (indexes.isPresent()) {
            indexes.get().end(lastOffset, isTorn || frames.damage() != null);
        }
    }

    private SegmentFrames frames(ReadOnlyFile file, long start, long end) {
        boolean needsRecords = options.isVerifying() || options.showsRecords();
        return new SegmentFrames(
                file, start, end, needsRecords ? SegmentFrames.Depth.RECORDS : SegmentFrames.Depth.CHECKSUMS);
    }

    /** Looks again where no batch was found; gives back the same walk where there still is none. */
    private SegmentFrames reread(ReadOnlyFile file, SegmentFrames frames) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            SegmentFrames again = frames(file, frames.nextPosition(), file.sizeBytes());
            if (again.next() && again.frame().isValid()) {
                return again;
            }
        }
        return frames;
    }

    private SegmentFrames rereadFrame(ReadOnlyFile file, Frame frame) throws IOException {
        SegmentFrames again = frames(file, frame.position(), file.sizeBytes());
        return again.next() && again.frame().isValid() ? again : null;
    }

    private void frame(Frame frame, Optional<IndexChecks> indexes) throws IOException {
        if (suspect != null && frame.isValid()) {
            tellChecksum(suspect, false);
            suspect = null;
        }
        boolean isShown = options.isInRange(frame.baseOffset(), frame.lastOffset());
        if (isShown) {
            out.counted(frame.recordCount());
            out.content(document(frame));
        }
        if (!frame.isValid()) {
            if (surroundings.mayBeTorn(base, frame.baseOffset())) {
                suspect = suspect == null ? frame : suspect;
            } else {
                tellChecksum(frame, false);
            }
            return;
        }
        if (isShown && options.showsRecords() && frame.bytes() != null) {
            showRecords(frame);
        } else if (isShown && frame.bytes() == null && (options.showsRecords() || options.isVerifying())) {
            out.notice(
                    path,
                    frame.position(),
                    frame.baseOffset(),
                    "the batch has " + frame.sizeBytes() + " bytes; only its checksum was looked at");
        }
        if (options.isVerifying()) {
            checks.frame(path, frame);
            checkContent(frame);
            if (indexes.isPresent()) {
                indexes.get().frame(frame);
            }
        }
    }

    private void tellChecksum(Frame frame, boolean mayBeTorn) {
        String text = "the checksum of the batch of " + frame.sizeBytes() + " bytes does not match";
        if (mayBeTorn) {
            isTorn = true;
            out.notice(
                    path,
                    frame.position(),
                    frame.baseOffset(),
                    "torn tail: " + text + "; no sound batch follows, and it was not known to be on the disk");
        } else {
            out.problem(path, frame.position(), frame.baseOffset(), text);
        }
    }

    private static Document document(Frame frame) {
        if (frame.header() != null) {
            return BatchDocuments.batch(frame.header(), frame.position(), frame.isValid());
        }
        var bytes = frame.bytes();
        return BatchDocuments.legacy(
                new BatchDocuments.LegacyFacts(
                        frame.sizeBytes(),
                        frame.baseOffset(),
                        frame.lastOffset(),
                        bytes.get(BatchHeader.MAGIC_POSITION),
                        bytes.get(BatchHeader.MAGIC_POSITION + 1),
                        frame.maxTimestampMs(),
                        bytes.getInt(BatchHeader.LEADER_EPOCH_POSITION)),
                frame.position(),
                frame.recordCount(),
                frame.isValid());
    }

    private void showRecords(Frame frame) {
        BatchHeader header = frame.header();
        boolean isControl = header != null && header.isControl();
        BatchFault fault = frame.forEachRecord(record -> {
            if (options.isInRange(record.offset(), record.offset())) {
                out.content(recordDocument(header, record, isControl));
            }
        });
        if (fault != null && !options.isVerifying()) {
            out.problem(path, frame.position(), frame.baseOffset(), fault.message());
        }
    }

    private Document recordDocument(BatchHeader header, DecodedRecord record, boolean isControl) {
        boolean hasSequence = header != null && header.baseSequence() >= 0;
        int sequence = hasSequence
                ? (int) ((header.baseSequence() + record.offset() - header.baseOffset()) & Integer.MAX_VALUE)
                : -1;
        Document document = BatchDocuments.record(record, sequence);
        if (isControl) {
            document.with("control", BatchDocuments.controlType(record));
        } else if (surroundings.isGroupLog() && record.hasKey()) {
            document.with("group", group(record));
        }
        return document;
    }

    private Object group(DecodedRecord record) {
        try {
            return GroupDocuments.group(GroupRecordCodec.decode(
                    ByteString.copyFrom(record.key()),
                    Optional.ofNullable(record.value()).map(ByteString::copyFrom)));
        } catch (InvalidProtocolBufferException | IllegalArgumentException notOurs) {
            return "not a record of the group log: " + notOurs.getMessage();
        }
    }

    /** Beyond the checksum: the header's fields, each record's structure, and the group log's records. */
    private void checkContent(Frame frame) {
        if (frame.header() == null || frame.bytes() == null) {
            return;
        }
        RecordBatch batch = RecordBatch.at(frame.bytes(), 0);
        BatchValidator validator = BatchValidator.forLeaders();
        validator
                .check(batch)
                .or(() -> validator.checkRecords(batch, io.lograft.record.RecordCursor.DECOMPRESSED_BYTES_MAX))
                .ifPresent(fault ->
                        out.problem(path, frame.position(), frame.baseOffset(), fault.code() + ": " + fault.message()));
        if (surroundings.isGroupLog() && !frame.header().isControl()) {
            frame.forEachRecord(record -> {
                if (record.hasKey() && group(record) instanceof String notOurs) {
                    out.problem(path, frame.position(), record.offset(), notOurs);
                }
            });
        }
    }

    private void end(ReadOnlyFile file, SegmentFrames frames, long nextOffset) throws IOException {
        if (suspect != null) {
            tellChecksum(suspect, true);
        }
        if (frames.damage() == null) {
            return;
        }
        long position = frames.nextPosition();
        long left = file.sizeBytes() - position;
        if (left <= 0) {
            out.notice(path, position, nextOffset, "the file was cut here while it was read");
        } else if (surroundings.mayBeTorn(base, nextOffset)) {
            isTorn = true;
            out.notice(path, position, nextOffset, "torn tail of " + left + " bytes: " + frames.damage());
        } else {
            out.problem(
                    path,
                    position,
                    nextOffset,
                    frames.damage() + "; the " + left + " bytes from there on are not read");
        }
    }
}
