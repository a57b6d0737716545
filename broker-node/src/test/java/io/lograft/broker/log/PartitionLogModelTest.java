package io.lograft.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.io.FaultyFileStore;
import io.lograft.model.EpochStart;
import io.lograft.record.BatchHeader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The log against a list of batches: random appends, truncations, flushes, raised starts and restarts of all kinds. */
final class PartitionLogModelTest {
    private static final int STEPS = 400;

    private final FaultyFileStore store = new FaultyFileStore();
    private final List<byte[]> model = new ArrayList<>();
    private long logStart;
    private long firstKept;
    private int epoch = 1;
    private long nowMs = 1_000_000;
    private long committed;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void behavesAsAList(long seed) throws IOException {
        Random random = new Random(seed);
        LogHarness harness = LogHarness.created(store, LogHarness.SMALL);
        for (int step = 0; step < STEPS; step++) {
            nowMs += random.nextInt(50);
            step(harness, random);
            check(harness, random);
        }
        harness.closeCleanly(committed);
        assertThat(store.openFiles()).isEmpty();
        var summary = LogVerifier.verify(store, LogHarness.NAME.toString(), 0, Long.MAX_VALUE);
        assertThat(summary.problems()).isEmpty();
        assertThat(summary.nextOffset()).isEqualTo(end());
    }

    private void step(LogHarness harness, Random random) throws IOException {
        switch (random.nextInt(24)) {
            case 0 -> truncate(harness, random);
            case 1 -> reopen(harness, random);
            case 2 -> {
                harness.flush();
                committed = Math.max(committed, harness.log.flushedOffset());
            }
            case 3 -> harness.checkpoint(committed);
            case 4 -> raiseStart(harness, random);
            case 5 -> epoch += random.nextInt(3);
            case 6 -> harness.log.tick(nowMs);
            case 7 -> appendAsFollower(harness, random);
            case 8 -> {
                if (random.nextInt(8) == 0) {
                    startOver(harness, random);
                }
            }
            default -> {
                ByteBuffer batch = Batches.random(random, nowMs, 120);
                var appended = harness.append(batch, epoch, nowMs);
                assertThat(appended.firstOffset()).isEqualTo(end());
                model.add(Batches.bytes(batch));
            }
        }
    }

    private void appendAsFollower(LogHarness harness, Random random) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        long offset = end();
        for (int i = random.nextInt(6); i >= 0; i--) {
            ByteBuffer batch = Batches.random(random, nowMs, 120);
            batch.putLong(BatchHeader.BASE_OFFSET_POSITION, offset);
            batch.putInt(BatchHeader.LEADER_EPOCH_POSITION, epoch);
            offset = BatchHeader.read(batch, 0).nextOffset();
            model.add(Batches.bytes(batch));
            all.writeBytes(Batches.bytes(batch));
        }
        assertThat(harness.log.appendAsFollower(ByteBuffer.wrap(all.toByteArray()), nowMs))
                .isInstanceOf(AppendResult.Appended.class);
    }

    private void truncate(LogHarness harness, Random random) throws IOException {
        long from = Math.max(committed, logStart);
        long offset = from + random.nextLong(end() - from + 1);
        harness.log.truncateTo(offset, nowMs);
        while (!model.isEmpty() && end() > offset) {
            model.removeLast();
        }
        logStart = Math.min(logStart, end());
    }

    private void startOver(LogHarness harness, Random random) throws IOException {
        long offset = random.nextLong(end() + 100);
        harness.log.startOver(offset, 0, List.of());
        model.clear();
        logStart = offset;
        firstKept = offset;
        committed = Math.min(committed, offset);
        epoch++;
    }

    private void raiseStart(LogHarness harness, Random random) throws IOException {
        long offset = logStart + random.nextLong(end() - logStart + 1) / 4;
        harness.log.advanceLogStart(offset);
        logStart = Math.max(logStart, offset);
        for (var segment : harness.log.takeDiscarded()) {
            segment.run();
        }
        long base = harness.log.segments().getFirst().baseOffset();
        while (!model.isEmpty() && header(0).nextOffset() <= base) {
            model.removeFirst();
        }
        firstKept = base;
    }

    private void reopen(LogHarness harness, Random random) throws IOException {
        if (random.nextBoolean()) {
            harness.closeCleanly(committed);
        } else if (random.nextBoolean()) {
            harness.checkpoint(committed);
            harness.abandon();
        } else {
            harness.flush();
            harness.checkpoint(committed);
            harness.abandon();
            store.crash(FaultyFileStore.Loss.ALL, 0);
        }
        assertThat(store.openFiles()).isEmpty();
        harness.open(nowMs);
    }

    private void check(LogHarness harness, Random random) throws IOException {
        PartitionLog log = harness.log;
        assertThat(log.logStartOffset()).isEqualTo(logStart);
        assertThat(log.logEndOffset()).isEqualTo(end());
        assertThat(log.sizeBytes())
                .isEqualTo(model.stream().mapToLong(b -> b.length).sum());
        assertThat(log.epochs()).isEqualTo(epochs());
        long from = logStart + random.nextLong(end() - logStart + 1);
        int maxBytes = 1 + random.nextInt(1500);
        assertThat(harness.readFrom(from, maxBytes)).isEqualTo(modelFrom(from));
        assertThat(log.read(logStart - 1, 10, end())).isInstanceOf(LogRead.OutOfRange.class);
        assertThat(log.read(end() + 1, 10, end())).isInstanceOf(LogRead.OutOfRange.class);
    }

    private long end() {
        return model.isEmpty() ? firstKept : header(model.size() - 1).nextOffset();
    }

    private BatchHeader header(int index) {
        return BatchHeader.read(ByteBuffer.wrap(model.get(index)), 0);
    }

    private byte[] modelFrom(long offset) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < model.size(); i++) {
            if (header(i).lastOffset() >= offset) {
                all.writeBytes(model.get(i));
            }
        }
        return all.toByteArray();
    }

    private List<EpochStart> epochs() {
        List<EpochStart> epochs = new ArrayList<>();
        for (int i = 0; i < model.size(); i++) {
            BatchHeader header = header(i);
            boolean isNew = epochs.isEmpty() || epochs.getLast().epoch() != header.leaderEpoch();
            if (isNew && header.lastOffset() >= logStart) {
                epochs.add(new EpochStart(header.leaderEpoch(), Math.max(header.baseOffset(), logStart)));
            }
        }
        return epochs;
    }
}
