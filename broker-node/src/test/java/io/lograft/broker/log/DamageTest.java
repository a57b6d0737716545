package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.broker.log.io.WholeFile;
import io.lograft.broker.log.state.OffsetAndTime;
import io.lograft.broker.log.state.SequenceCheck;
import io.lograft.model.EpochStart;
import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import io.lograft.record.RecordBatch;
import io.lograft.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each file of a stopped broker with a bit flipped in every byte, cut to every length, missing, and as it was at an older
 * moment. What follows has to be one of two: all that was committed can be read, is found by its time and is what was
 * written; or the damage is told by its type, with file and position, when the log is opened or at the latest when the place
 * is read. {@code -Ddamage.bits=8} flips every bit; {@code -Ddamage.batches=400} damages a larger log at random places,
 * {@code -Ddamage.samples=20000} of them.
 */
final class DamageTest {
    private static final String DIRECTORY = LogHarness.NAME.toString();
    private static final int BITS = Integer.getInteger("damage.bits", 1);
    private static final int BATCHES = Integer.getInteger("damage.batches", 20);
    private static final int SAMPLES = Integer.getInteger("damage.samples", 0);
    private static final int PRODUCER = 77;
    private static final LogConfig CONFIG = LogHarness.SMALL.withIndexIntervalBytes(150);

    enum Stop {
        ORDERLY,
        KILLED
    }

    private final FaultyFileStore original = new FaultyFileStore();
    private final FaultyFileStore older = new FaultyFileStore();
    private final List<BatchHeader> headers = new ArrayList<>();
    private final List<byte[]> contents = new ArrayList<>();
    private final List<OffsetAndTime> records = new ArrayList<>();
    private final Random random = new Random(9);
    private List<EpochStart> epochs;
    private long logStart;
    private long highWatermark;
    private int lost;
    private int refused;
    private int found;

    @ParameterizedTest
    @EnumSource(Stop.class)
    void whatFollowsFromDamageIsAllThereOrTold(Stop stop) throws IOException {
        write(stop);
        check(original.copy(), "no damage at all", false);
        assertThat(lost + refused + found).isZero();
        for (String path : files("")) {
            damage(path, stop);
        }
        assertThat(lost).as("replicas reported lost").isPositive();
        assertThat(found).as("damage found by readers").isGreaterThan(stop == Stop.ORDERLY ? 100 : 0);
    }

    /** Segments, epochs, producers, compressed batches and times in disorder; the log start lies within a segment. */
    private void write(Stop stop) throws IOException {
        LogHarness harness = LogHarness.created(original, CONFIG);
        harness.directory.recordIdentity(new LogDirectory.Identity("cluster", "directory", 1, 42));
        for (int i = 0; i < BATCHES; i++) {
            append(harness, i);
            if (i == BATCHES / 3) {
                harness.flush();
                harness.checkpoint(harness.log.flushedOffset());
                harness.log.advanceLogStart(headers.get(3).baseOffset() + 1);
                copyTo(older);
            }
        }
        harness.flush();
        harness.flush();
        logStart = harness.log.logStartOffset();
        epochs = harness.log.epochs();
        highWatermark = headers.get(BATCHES - 4).baseOffset();
        if (stop == Stop.ORDERLY) {
            harness.closeCleanly(highWatermark);
        } else {
            harness.checkpoint(highWatermark);
            for (int i = 0; i < 3; i++) {
                append(harness, BATCHES + i);
            }
            harness.abandon();
        }
        assertThat(harness.log.segments()).hasSizeGreaterThan(2);
    }

    private void append(LogHarness harness, int i) throws IOException {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        for (int j = i % 3; j >= 0; j--) {
            builder.append(1000 + i * 10 - random.nextInt(40), null, new byte[10 + random.nextInt(60)]);
        }
        BatchOptions options = i % 4 == 1
                ? BatchOptions.idempotent(Compression.NONE, PRODUCER, (short) 0, i)
                : BatchOptions.plain(i % 4 == 2 ? Compression.LZ4 : Compression.NONE);
        ByteBuffer batch = ByteBuffer.wrap(builder.build(options));
        harness.append(batch, 3 + i / 8, 1000 + i);
        headers.add(BatchHeader.read(batch, 0));
        contents.add(Batches.bytes(batch));
        RecordCursor written = RecordBatch.at(batch, 0).records();
        while (written.advance()) {
            records.add(new OffsetAndTime(
                    written.record().offset(), written.record().timestampMs()));
        }
    }

    private void copyTo(FaultyFileStore target) throws IOException {
        target.createDirectory(DIRECTORY);
        for (String path : files("")) {
            WholeFile.replace(target, path, WholeFile.read(original, path));
        }
    }

    private List<String> files(String directory) throws IOException {
        List<String> paths = new ArrayList<>();
        for (String name : original.list(directory)) {
            String path = directory.isEmpty() ? name : directory + "/" + name;
            if (original.isDirectory(path)) {
                paths.addAll(files(path));
            } else if (!name.equals(".lock")) {
                paths.add(path);
            }
        }
        return paths;
    }

    private void damage(String path, Stop stop) throws IOException {
        int size = (int) original.sizeBytes(path);
        int step = SAMPLES == 0 ? 1 : Math.max(1, size * files("").size() / SAMPLES);
        for (int position = random.nextInt(step); position < size; position += 1 + random.nextInt(2 * step - 1)) {
            for (int i = 0; i < BITS; i++) {
                int bit = (position + i) % 8;
                FaultyFileStore store = original.copy();
                store.flipBit(path, position, bit);
                check(store, path + ": bit " + bit + " of byte " + position, isFree(path, position));
            }
            FaultyFileStore cut = original.copy();
            cut.cut(path, position);
            check(cut, path + ": cut to " + position, false);
        }
        boolean looksDeleted = stop == Stop.KILLED && path.endsWith("/00000000000000000000.log");
        if (!looksDeleted) {
            FaultyFileStore missing = original.copy();
            missing.delete(path);
            check(missing, path + ": missing", false);
        }
        if (older.exists(path) && !path.equals("log-start-offset-checkpoint")) {
            FaultyFileStore old = original.copy();
            WholeFile.replace(old, path, WholeFile.read(older, path));
            check(old, path + ": as it was before", false);
        }
    }

    /** No checksum covers the leader epoch in a batch, and above the recovery point nothing tells what it was. */
    private boolean isFree(String path, int position) {
        if (!path.endsWith(".log")) {
            return false;
        }
        long base = Long.parseLong(path.substring(DIRECTORY.length() + 1, path.length() - ".log".length()));
        int at = 0;
        for (BatchHeader header : headers) {
            if (header.baseOffset() >= base) {
                if (position < at + header.sizeBytes()) {
                    return Batches.isEpochByte(position - at);
                }
                at += header.sizeBytes();
            }
        }
        return false;
    }

    private void check(FaultyFileStore store, String what, boolean isEpoch) {
        LogHarness harness = new LogHarness(store, CONFIG);
        try {
            harness.open(5000);
        } catch (CorruptLogException told) {
            assertThat(told.file()).as(what).startsWith(DIRECTORY);
            assertThat(told.position()).as(what).isNotNegative();
            lost++;
            return;
        } catch (IOException told) {
            assertThat(told.getMessage()).as(what).contains("meta.properties is damaged");
            refused++;
            return;
        } catch (RuntimeException wrong) {
            fail(what, wrong);
        }
        try {
            compare(harness, what, isEpoch);
            harness.abandon();
        } catch (IOException | RuntimeException wrong) {
            fail(what, wrong);
        }
        assertThat(store.openFiles()).as(what).isEmpty();
    }

    private void compare(LogHarness harness, String what, boolean isEpoch) throws IOException {
        long end = harness.log.logEndOffset();
        assertThat(end).as(what).isGreaterThanOrEqualTo(highWatermark);
        assertThat(harness.log.logStartOffset()).as(what).isEqualTo(logStart);
        int damaged = 0;
        for (int i = 0; i < headers.size() && headers.get(i).nextOffset() <= end; i++) {
            damaged += headers.get(i).lastOffset() >= logStart && !canBeRead(harness, i, what, isEpoch) ? 1 : 0;
        }
        compareTimes(harness, what, end);
        if (!isEpoch) {
            assertThat(harness.log.epochs())
                    .as(what)
                    .isEqualTo(
                            epochs.stream().filter(e -> e.startOffset() < end).toList());
        }
        if (damaged == 0) {
            compareProducer(harness, what, end);
        }
        found += damaged > 0 ? 1 : 0;
    }

    private boolean canBeRead(LogHarness harness, int i, String what, boolean isEpoch) throws IOException {
        BatchHeader header = headers.get(i);
        try {
            long from = Math.max(header.baseOffset(), logStart);
            LogRead.Batches read = (LogRead.Batches) harness.log.read(from, 1, Long.MAX_VALUE);
            byte[] bytes = Batches.bytes(read.slices().getFirst());
            byte[] expected = contents.get(i).clone();
            if (isEpoch) {
                System.arraycopy(
                        bytes, BatchHeader.LEADER_EPOCH_POSITION, expected, BatchHeader.LEADER_EPOCH_POSITION, 4);
            }
            if (!Arrays.equals(bytes, expected)) {
                fail("%s: another batch at offset %d", what, header.baseOffset());
            }
            return true;
        } catch (CorruptLogException told) {
            return false;
        }
    }

    private void compareTimes(LogHarness harness, String what, long end) throws IOException {
        List<OffsetAndTime> below = readable(end);
        for (long timeMs = 950; timeMs < 1020 + BATCHES * 10L; timeMs += SAMPLES == 0 ? 7 : 97) {
            Optional<OffsetAndTime> hit;
            try {
                hit = harness.log.offsetForTime(timeMs, end);
            } catch (CorruptLogException told) {
                continue;
            }
            if (!hit.equals(first(below, timeMs))) {
                fail("%s: time %d found %s, not %s", what, timeMs, hit, first(below, timeMs));
            }
        }
        try {
            Optional<OffsetAndTime> greatest = harness.log.offsetOfGreatestTime(end);
            assertThat(greatest).as(what).isEqualTo(greatest(below));
        } catch (CorruptLogException told) {
            assertThat(told.file()).as(what).startsWith(DIRECTORY);
        }
    }

    private static Optional<OffsetAndTime> first(List<OffsetAndTime> below, long timeMs) {
        return below.stream().filter(record -> record.timestampMs() >= timeMs).findFirst();
    }

    private List<OffsetAndTime> readable(long end) {
        return records.stream()
                .filter(record -> record.offset() >= logStart && record.offset() < end)
                .toList();
    }

    private Optional<OffsetAndTime> greatest(List<OffsetAndTime> below) {
        OffsetAndTime best = null;
        for (OffsetAndTime record : below) {
            best = best == null || record.timestampMs() > best.timestampMs() ? record : best;
        }
        return Optional.ofNullable(best);
    }

    /** The last batch of the producer that is there is known as such. */
    private void compareProducer(LogHarness harness, String what, long end) {
        headers.stream()
                .filter(header -> header.producerId() == PRODUCER && header.nextOffset() <= end)
                .reduce((one, later) -> later)
                .ifPresent(last -> assertThat(harness.log.checkSequence(last))
                        .as(what)
                        .isInstanceOf(SequenceCheck.Duplicate.class));
    }
}
