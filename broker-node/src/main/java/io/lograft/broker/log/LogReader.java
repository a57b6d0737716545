package io.lograft.broker.log;

import io.lograft.broker.log.state.BatchFrames;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchRewriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Reads batches from one view of a log: from memory where they are there, else from the file, whose checksums are verified
 * then: what a disk has changed must not go to followers, which would refuse it for ever, nor to consumers. Stateless.
 */
final class LogReader {
    private static final int READ_ATTEMPTS = 5;

    private LogReader() {}

    /** Something that is read from one view. */
    interface Read<T> {
        T from(LogView view) throws IOException;
    }

    /**
     * Reads from the newest view; once more if the files changed under it, by a truncation, a raised log start, or a
     * compaction.
     */
    static <T> T consistently(Supplier<LogView> newest, Read<T> read) throws IOException {
        for (int attempt = 1; ; attempt++) {
            LogView before = newest.get();
            try {
                T result = read.from(before);
                if (newest.get().truncations() == before.truncations()) {
                    return result;
                }
            } catch (ClosedChannelException | CorruptLogException e) {
                if (attempt >= READ_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    static LogRead read(LogView view, long offset, int maxBytes, long endOffsetExclusive) throws IOException {
        if (offset < view.logStartOffset() || offset > view.logEndOffset()) {
            return new LogRead.OutOfRange(view.logStartOffset(), view.logEndOffset());
        }
        long end = Math.min(endOffsetExclusive, view.logEndOffset());
        if (offset >= end) {
            return new LogRead.Batches(List.of(), offset, 0);
        }
        LogRead.Batches fromMemory = readTail(view.tail(), offset, maxBytes, end);
        return fromMemory != null ? fromMemory : readFile(view, offset, maxBytes, end);
    }

    /** Null if the offset is not in memory. */
    private static LogRead.Batches readTail(Tail.View tail, long offset, int maxBytes, long end) {
        int index = tail.find(offset);
        Tail.Entry entry = index < 0 ? null : tail.at(index);
        if (entry == null) {
            return null;
        }
        List<ByteBuffer> slices = new ArrayList<>();
        long next = offset;
        int size = 0;
        while (entry != null && size < maxBytes && entry.baseOffset() < end) {
            ByteBuffer bytes = entry.bytes();
            int from = bytes.position() + (slices.isEmpty() ? positionOf(bytes, offset) : 0);
            boolean isWhole = entry.nextOffset() <= end && bytes.limit() - from <= maxBytes - size;
            int to = isWhole ? bytes.limit() : endOfBatches(bytes, from, maxBytes - size, end, slices.isEmpty());
            if (to > from) {
                next = to == bytes.limit()
                        ? entry.nextOffset()
                        : BatchHeader.read(bytes, to).baseOffset();
                slices.add(bytes.slice(from, to - from));
                size += to - from;
            }
            entry = to == bytes.limit() ? tail.at(++index) : null;
        }
        return new LogRead.Batches(fromOffset(slices, offset), next, size);
    }

    /** Where the batch that holds the offset begins, relative to the buffer's position. */
    private static int positionOf(ByteBuffer bytes, long offset) {
        int position = bytes.position();
        BatchHeader header = BatchHeader.read(bytes, position);
        while (header.lastOffset() < offset) {
            position += header.sizeBytes();
            header = BatchHeader.read(bytes, position);
        }
        return position - bytes.position();
    }

    /** Where the last whole batch ends that fits into the size and below the end; the first one fits in any case. */
    private static int endOfBatches(ByteBuffer bytes, int from, int maxBytes, long end, boolean isFirst) {
        int position = from;
        while (position + BatchHeader.SIZE_BYTES <= bytes.limit()) {
            BatchHeader header = BatchHeader.read(bytes, position);
            boolean isForced = isFirst && position == from;
            boolean fits = header.sizeBytes() <= maxBytes - (position - from) || isForced;
            boolean isWhole =
                    header.sizeBytes() >= BatchHeader.SIZE_BYTES && header.sizeBytes() <= bytes.limit() - position;
            if (!fits || !isWhole || header.nextOffset() > end) {
                break;
            }
            position += header.sizeBytes();
        }
        return position;
    }

    private static LogRead.Batches readFile(LogView view, long offset, int maxBytes, long end) throws IOException {
        Segment.View segment = view.segment(view.segmentOf(offset));
        BatchScanner scanner = segment.seek(offset);
        long position = scanner.position();
        BatchHeader first = scanner.header();
        boolean isBeyondEnd = first.nextOffset() > end;
        int wantedMax = isBeyondEnd ? first.sizeBytes() : Math.max(maxBytes, first.sizeBytes());
        int wanted = (int) Math.min(wantedMax, segment.sizeBytes() - position);
        ByteBuffer bytes = ByteBuffer.allocate(wanted);
        int count = segment.log().read(bytes, position);
        if (count < wanted) {
            throw new CorruptLogException(segment.log().path(), position + count, offset, "the file is too short");
        }
        bytes.flip();
        // One that seems to end beyond what may be read is looked at, too: its header may be what is damaged.
        int to = isBeyondEnd ? wanted : endOfBatches(bytes, 0, maxBytes, end, true);
        bytes.limit(to);
        List<BatchHeader> headers = new ArrayList<>();
        String damage = BatchFrames.readAll(bytes, first.baseOffset(), first.leaderEpoch(), headers);
        if (damage != null) {
            int sound = headers.stream().mapToInt(BatchHeader::sizeBytes).sum();
            long next =
                    headers.isEmpty() ? first.baseOffset() : headers.getLast().nextOffset();
            throw new CorruptLogException(segment.log().path(), position + sound, next, damage);
        }
        requireEpochs(view, headers, segment.log().path(), position);
        if (isBeyondEnd) {
            return new LogRead.Batches(List.of(), offset, 0);
        }
        return new LogRead.Batches(
                fromOffset(List.of(bytes), offset), headers.getLast().nextOffset(), to);
    }

    /**
     * What stands for batches that compaction removed may begin before an offset at which a batch ended once, and at which
     * a follower goes on: then it is handed out from there.
     */
    private static List<ByteBuffer> fromOffset(List<ByteBuffer> slices, long offset) {
        if (slices.isEmpty()) {
            return slices;
        }
        ByteBuffer bytes = slices.getFirst();
        BatchHeader first = BatchHeader.read(bytes, 0);
        boolean isFiller = first.recordCount() == 0 && !first.hasProducer() && !first.isControl();
        if (!isFiller || first.baseOffset() >= offset) {
            return slices;
        }
        List<ByteBuffer> handedOut = new ArrayList<>();
        handedOut.add(BatchRewriter.filler(offset, first.lastOffset(), first.leaderEpoch()));
        if (bytes.limit() > first.sizeBytes()) {
            handedOut.add(bytes.slice(first.sizeBytes(), bytes.limit() - first.sizeBytes()));
        }
        handedOut.addAll(slices.subList(1, slices.size()));
        return handedOut;
    }

    /** The format's checksum does not cover the leader epoch, but the history of epochs says what it has to be. */
    private static void requireEpochs(LogView view, List<BatchHeader> headers, String path, long position)
            throws CorruptLogException {
        long at = position;
        for (BatchHeader header : headers) {
            int known = view.epochs().epochAt(header.lastOffset());
            if (known >= 0 && known != header.leaderEpoch()) {
                throw new CorruptLogException(
                        path, at, header.baseOffset(), "leader epoch " + header.leaderEpoch() + ", not " + known);
            }
            at += header.sizeBytes();
        }
    }
}
