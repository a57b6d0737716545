package io.lograft.broker.log.state;

import io.lograft.model.EpochStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which leader epoch wrote from which offset on; ascending, only epochs that have records. Immutable: each change makes a
 * new one.
 */
public final class EpochHistory {
    public static final EpochHistory EMPTY = new EpochHistory(List.of());

    private final List<EpochStart> starts;

    private EpochHistory(List<EpochStart> starts) {
        this.starts = starts;
    }

    /** Takes over the lines of a checkpoint file; empty if they are not ascending pairs of numbers. */
    public static Optional<EpochHistory> parse(List<String> lines) {
        EpochHistory history = EMPTY;
        for (String line : lines) {
            String[] fields = line.split(" ", -1);
            if (fields.length != 2) {
                return Optional.empty();
            }
            try {
                EpochStart start = new EpochStart(Integer.parseInt(fields[0]), Long.parseLong(fields[1]));
                if (!history.starts.isEmpty() && !follows(history.starts.getLast(), start)) {
                    return Optional.empty();
                }
                history = history.plus(start);
            } catch (NumberFormatException notANumber) {
                return Optional.empty();
            }
        }
        return Optional.of(history);
    }

    private static boolean follows(EpochStart last, EpochStart next) {
        return next.epoch() > last.epoch() && next.startOffset() > last.startOffset();
    }

    public List<String> lines() {
        return starts.stream().map(s -> s.epoch() + " " + s.startOffset()).toList();
    }

    public List<EpochStart> starts() {
        return starts;
    }

    /** Epoch of the last record, -1 if there is none. */
    public int lastEpoch() {
        return starts.isEmpty() ? -1 : starts.getLast().epoch();
    }

    /** Epoch of the record at this offset, which is in the log; -1 below the first. */
    public int epochAt(long offset) {
        int at = starts.size() - 1;
        while (at >= 0 && starts.get(at).startOffset() > offset) {
            at--;
        }
        return at < 0 ? -1 : starts.get(at).epoch();
    }

    /** A record of this epoch is appended at this offset. */
    public EpochHistory appended(int epoch, long offset) {
        if (epoch == lastEpoch()) {
            return this;
        }
        if (epoch < lastEpoch()) {
            throw new IllegalStateException("epoch " + epoch + " at offset " + offset + " follows " + lastEpoch());
        }
        return plus(new EpochStart(epoch, offset));
    }

    /** Nothing is left from this offset on. */
    public EpochHistory truncatedTo(long endOffset) {
        int kept = starts.size();
        while (kept > 0 && starts.get(kept - 1).startOffset() >= endOffset) {
            kept--;
        }
        return kept == starts.size() ? this : new EpochHistory(List.copyOf(starts.subList(0, kept)));
    }

    /** Nothing is left below this offset; {@code endOffset} is the log's end. */
    public EpochHistory startingAt(long startOffset, long endOffset) {
        if (starts.isEmpty() || starts.getFirst().startOffset() >= startOffset) {
            return this;
        }
        if (startOffset >= endOffset) {
            return EMPTY;
        }
        List<EpochStart> kept = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            long end = i + 1 < starts.size() ? starts.get(i + 1).startOffset() : endOffset;
            if (end > startOffset) {
                EpochStart start = starts.get(i);
                kept.add(new EpochStart(start.epoch(), Math.max(start.startOffset(), startOffset)));
            }
        }
        return new EpochHistory(List.copyOf(kept));
    }

    private EpochHistory plus(EpochStart start) {
        List<EpochStart> longer = new ArrayList<>(starts.size() + 1);
        longer.addAll(starts);
        longer.add(start);
        return new EpochHistory(List.copyOf(longer));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EpochHistory history && starts.equals(history.starts);
    }

    @Override
    public int hashCode() {
        return starts.hashCode();
    }

    @Override
    public String toString() {
        return starts.toString();
    }
}
