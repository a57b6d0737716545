package io.lograft.broker.dump;

import io.lograft.broker.log.state.ProducerSnapshot;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.model.EpochStart;
import io.lograft.record.BatchHeader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What has to be true of the batches of a log, one segment after the other: offsets follow each other without a gap, or
 * rise where the log is compacted; leader epochs never fall, and are those of the checkpoint; producers are those of the
 * snapshots. For one log.
 */
final class LogChecks {
    /** Entries of snapshots that are compared with the log; of more the structure is checked only. */
    private static final int SNAPSHOT_ENTRIES_MAX = 200_000;

    private final DumpOutput out;
    private final Surroundings surroundings;
    private final Map<Long, ProducerStates.Entry> producers = new HashMap<>();
    private String snapshotPath = "";
    private long firstOffset;
    private long nextOffset = -1;
    private int lastEpoch = -1;
    private int epochsPassed;
    private long gaps;
    private long gapOffsets;

    LogChecks(DumpOutput out, Surroundings surroundings) {
        this.out = out;
        this.surroundings = surroundings;
    }

    /** Takes the entries of a whole snapshot, to be compared with the batches. False where these are too many. */
    boolean expect(String path, byte[] snapshot) {
        List<ProducerStates.Entry> entries = ProducerSnapshot.decode(snapshot).orElse(List.of());
        if (producers.size() + entries.size() > SNAPSHOT_ENTRIES_MAX) {
            return false;
        }
        snapshotPath = path;
        entries.forEach(entry -> producers.put(entry.lastOffset(), entry));
        return true;
    }

    /** A segment that begins at this offset is next. */
    void segment(String path, long base) {
        if (nextOffset < 0) {
            nextOffset = base;
            firstOffset = base;
        } else if (base < nextOffset) {
            out.problem(
                    path,
                    0,
                    base,
                    "the segment begins at offset " + base + ", but the one before it ends at " + (nextOffset - 1));
            nextOffset = base;
        } else if (base > nextOffset) {
            gap(path, 0, base, "the segment begins at offset " + base);
        }
    }

    void frame(String path, Frame frame) {
        if (frame.baseOffset() < nextOffset) {
            out.problem(
                    path,
                    frame.position(),
                    frame.baseOffset(),
                    "the batch begins at offset " + frame.baseOffset() + ", but offset " + nextOffset + " is next");
        } else if (nextOffset >= 0 && frame.baseOffset() > nextOffset) {
            gap(path, frame.position(), frame.baseOffset(), "the batch begins at offset " + frame.baseOffset());
        }
        nextOffset = Math.max(nextOffset, frame.nextOffset());
        BatchHeader header = frame.header();
        if (header != null) {
            epoch(path, frame, header.leaderEpoch());
            producer(path, frame, header);
        }
    }

    private void gap(String path, long position, long offset, String text) {
        if (offset <= surroundings.compactedTo()) {
            gaps++;
            gapOffsets += offset - nextOffset;
        } else {
            out.problem(
                    path,
                    position,
                    offset,
                    text + ", but offset " + nextOffset
                            + " is next; gaps are legal only where a log was compacted, and nothing says that this was");
        }
        nextOffset = offset;
    }

    private void epoch(String path, Frame frame, int epoch) {
        if (epoch < lastEpoch) {
            out.problem(path, frame.position(), frame.baseOffset(), "leader epoch " + epoch + " follows " + lastEpoch);
        }
        lastEpoch = Math.max(lastEpoch, epoch);
        boolean isRecorded = surroundings.isClean() || frame.lastOffset() < surroundings.durableOffset();
        if (surroundings.epochs().isEmpty() || !isRecorded || epoch < 0) {
            return;
        }
        List<EpochStart> starts = surroundings.epochs().get().starts();
        while (epochsPassed < starts.size() && starts.get(epochsPassed).startOffset() <= frame.lastOffset()) {
            epochsPassed++;
        }
        int expected = epochsPassed == 0 ? -1 : starts.get(epochsPassed - 1).epoch();
        // A segment may begin below the log start, of which the checkpoint says nothing any more.
        boolean isBelowStart =
                epochsPassed == 0 && (!surroundings.isClean() || frame.lastOffset() < surroundings.logStartOffset());
        if (expected != epoch && !isBelowStart) {
            String checkpoint = surroundings.directory() + "/" + FileNames.EPOCHS;
            out.problem(
                    checkpoint,
                    -1,
                    frame.baseOffset(),
                    "the checkpoint says leader epoch " + expected
                            + " for offset " + frame.baseOffset() + ", the batch at position " + frame.position()
                            + " of "
                            + FileNames.of(path) + " has " + epoch);
        }
    }

    private void producer(String path, Frame frame, BatchHeader header) {
        ProducerStates.Entry expected = producers.remove(frame.lastOffset());
        if (expected == null) {
            return;
        }
        boolean fits = expected.producerId() == header.producerId()
                && expected.epoch() == header.producerEpoch()
                && expected.lastSequence() == header.lastSequence();
        if (!fits && !header.isControl()) {
            out.problem(
                    snapshotPath,
                    -1,
                    frame.lastOffset(),
                    "the snapshot says producer " + expected.producerId()
                            + ", epoch " + expected.epoch() + ", sequence " + expected.lastSequence()
                            + ", the batch at position "
                            + frame.position() + " of " + FileNames.of(path) + " has " + header.producerId() + ", "
                            + header.producerEpoch() + ", " + header.lastSequence());
        }
    }

    /** A segment was deleted before it was read: what follows begins anew. */
    void vanished() {
        nextOffset = -1;
    }

    /**
     * All segments have passed by.
     *
     * @param isWhole none was left out
     */
    void end(boolean isWhole) {
        if (gaps > 0) {
            String limit = surroundings.compactedTo() == Long.MAX_VALUE ? "" : " up to " + surroundings.compactedTo();
            out.notice(
                    surroundings.directory(),
                    -1,
                    -1,
                    "the log is compacted" + limit + ": " + gaps + " gaps between batches, of " + gapOffsets
                            + " offsets in all, are legal");
        }
        if (!isWhole || surroundings.compactedTo() > 0) {
            return;
        }
        producers.values().stream()
                .filter(entry -> entry.lastOffset() >= firstOffset && entry.lastOffset() < nextOffset)
                .mapToLong(ProducerStates.Entry::lastOffset)
                .sorted()
                .limit(1)
                .forEach(offset -> out.problem(
                        snapshotPath,
                        -1,
                        offset,
                        "a batch of producer "
                                + producers.get(offset).producerId() + " ends at offset " + offset
                                + " by the snapshot, but none does in the log"));
    }

    /** The offset after the last batch; -1 where there was nothing. */
    long nextOffset() {
        return nextOffset;
    }
}
