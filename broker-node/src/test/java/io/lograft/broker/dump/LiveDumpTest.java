package io.lograft.broker.dump;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dumps beside a log that is written, rolled, flushed, checkpointed, truncated and shortened at its start. */
final class LiveDumpTest {
    private static final int ROUNDS = 15;

    @TempDir
    private File root;

    @Test
    void findsNoDamageWhileTheLogIsWritten() throws Exception {
        SampleDirectory sample = SampleDirectory.open(root);
        AtomicBoolean isDone = new AtomicBoolean();
        CompletableFuture<Integer> dumps = CompletableFuture.supplyAsync(() -> dumpUntil(isDone));
        int batch = 24;
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < 40; i++) {
                sample.append(batch++);
            }
            sample.flush();
            if (round % 3 == 1) {
                sample.checkpoint();
            }
            if (round % 4 == 2) {
                sample.orders.advanceLogStart(sample.orders.logEndOffset() - 300);
                for (var discarded : sample.orders.takeDiscarded()) {
                    discarded.run();
                }
            }
            if (round % 5 == 3) {
                sample.orders.truncateTo(sample.orders.logEndOffset() - 1, 1000);
            }
        }
        isDone.set(true);
        assertThat(dumps.get()).isPositive();
        sample.closeCleanly();
        assertThat(Dumps.verify(root).problems()).isZero();
    }

    private int dumpUntil(AtomicBoolean isDone) {
        int count = 0;
        try {
            while (!isDone.get() || count == 0) {
                Dumps.Result result = Dumps.verify(root);
                assertThat(result.kind("problem")).as("dump %d", count).isEmpty();
                count++;
            }
        } catch (IOException failed) {
            throw new AssertionError("a dump failed", failed);
        }
        return count;
    }
}
