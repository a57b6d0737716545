package io.lograft.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.ErrorCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a checksum cannot tell: that the records are what the header says. */
class RecordWalkTest {
    private static final int BOUND = 64 << 20;
    private static final BatchValidator CLIENTS = BatchValidator.forClients(1 << 30);
    private static final BatchValidator LEADERS = BatchValidator.forLeaders();

    private static RecordBatch sealed(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        RecordBatch batch = RecordBatch.of(bytes);
        buffer.putInt(BatchHeader.CRC_POSITION, batch.crcOfContent());
        return batch;
    }

    private static byte[] batch(Compression codec, int... offsetDeltas) {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        for (int delta : offsetDeltas) {
            builder.appendAt(delta, 1000 + delta, new byte[] {1}, new byte[delta], List.of());
        }
        return builder.build(BatchOptions.plain(codec));
    }

    private static void assertRefused(RecordBatch batch, String why) {
        assertThat(CLIENTS.checkRecords(batch, BOUND)).hasValueSatisfying(fault -> {
            assertThat(fault.code()).isEqualTo(ErrorCode.INVALID_REQUEST);
            assertThat(fault.message()).contains(why);
        });
    }

    @ParameterizedTest
    @EnumSource
    void allThatTheFormatAllowsPasses(Compression codec) {
        for (long seed = 0; seed < 60; seed++) {
            byte[] bytes = SampleBatch.random(codec, seed).build();
            ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
            for (RecordBatch batch : List.of(RecordBatch.of(bytes), RecordBatch.at(direct, 0))) {
                assertThat(CLIENTS.checkRecords(batch, BOUND).map(BatchFault::message))
                        .as("seed %d", seed)
                        .isEmpty();
            }
        }
    }

    /** The walk and the cursor are two readers of one format, and must agree about every damage. */
    @ParameterizedTest
    @EnumSource
    void theWalkRefusesWhatTheCursorRefuses(Compression codec) {
        Random random = new Random(7);
        int refused = 0;
        int rounds = codec == Compression.NONE ? 5_000 : 500;
        for (int round = 0; round < rounds; round++) {
            byte[] bytes =
                    SampleBatch.random(Compression.NONE, random.nextInt(30)).build();
            int at = BatchHeader.SIZE_BYTES + random.nextInt(Math.min(80, bytes.length - BatchHeader.SIZE_BYTES));
            bytes[at] = (byte) random.nextInt();
            RecordBatch plain = sealed(bytes);
            RecordBatch batch = RecordBatch.at(
                    new BatchRecoder(codec, codec.levelDefault())
                            .recode(plain, BOUND)
                            .batch(),
                    0);
            RecordCursor cursor = batch.records();
            while (cursor.advance()) {
                assertThat(cursor.record().headers()).hasSize(cursor.record().headerCount());
            }
            RecordWalk walk = new RecordWalk(batch.header(), false, BOUND);
            assertThat(walk.run(batch) == null)
                    .as("round %d: %s", round, cursor.fault())
                    .isEqualTo(cursor.fault().isEmpty());
            refused += cursor.fault().isPresent() ? 1 : 0;
        }
        assertThat(refused).isGreaterThan(rounds / 10);
    }

    @ParameterizedTest
    @EnumSource
    void offsetsOfAClientHaveNoGapsAndThoseOfALogMayHave(Compression codec) {
        RecordBatch gaps = RecordBatch.of(batch(codec, 0, 2, 3));
        assertThat(LEADERS.checkRecords(gaps, BOUND)).isEmpty();
        assertThat(SampleBatch.lines(gaps.records())).hasSize(3);
        assertRefused(gaps, "offset delta 2 in record 1");
        assertRefused(RecordBatch.of(batch(codec, 1, 2)), "offset delta 1 in record 0");
    }

    @Test
    void theHeaderCannotClaimOtherCountsOrTimes() {
        byte[] bytes = batch(Compression.NONE, 0, 1, 2);
        ByteBuffer.wrap(bytes).putInt(BatchHeader.RECORD_COUNT_POSITION, 4);
        ByteBuffer.wrap(bytes).putInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, 3);
        assertRefused(sealed(bytes), "ends within record 3 of 4");
        ByteBuffer.wrap(bytes).putInt(BatchHeader.RECORD_COUNT_POSITION, 2);
        ByteBuffer.wrap(bytes).putInt(BatchHeader.LAST_OFFSET_DELTA_POSITION, 1);
        assertRefused(sealed(bytes), "bytes after its last record");
        byte[] late = batch(Compression.NONE, 0, 1);
        ByteBuffer.wrap(late).putLong(BatchHeader.MAX_TIMESTAMP_POSITION, 5000);
        assertRefused(sealed(late), "greatest timestamp of the records is 1001, the header says 5000");
    }

    @Test
    void timestampsOutsideWhatIsAllowedHaveAnErrorOfTheirOwn() {
        RecordBatch batch = RecordBatch.of(batch(Compression.ZSTD, 0, 1, 2));
        assertThat(CLIENTS.checkRecords(batch, BOUND, 1000, 1002)).isEmpty();
        for (long[] allowed : new long[][] {{1001, 2000}, {0, 1001}}) {
            assertThat(CLIENTS.checkRecords(batch, BOUND, allowed[0], allowed[1]))
                    .hasValueSatisfying(fault -> {
                        assertThat(fault.code()).isEqualTo(ErrorCode.INVALID_TIMESTAMP);
                        assertThat(fault.message()).contains("from 1000 to 1002", "from " + allowed[0]);
                    });
        }
        BatchBuilder timeless = new BatchBuilder(1000);
        timeless.append(-1, null, new byte[1]);
        RecordBatch none = RecordBatch.of(timeless.build(BatchOptions.plain(Compression.NONE)));
        assertThat(CLIENTS.checkRecords(none, BOUND, 1000, 2000)).isEmpty();
    }

    @Test
    void manyHeadersOfNothingAreNotTrusted() {
        // A record that claims 2^31 - 1 headers in the few bytes that it has.
        byte[] bytes = batch(Compression.NONE, 0);
        byte[] claims = Arrays.copyOf(bytes, BatchHeader.SIZE_BYTES + 16);
        byte[] record = {30, 0, 0, 0, 1, 1, (byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 15, 0, 0, 0, 0, 0};
        System.arraycopy(record, 0, claims, BatchHeader.SIZE_BYTES, record.length);
        ByteBuffer.wrap(claims).putInt(BatchHeader.LENGTH_POSITION, claims.length - BatchHeader.LOG_OVERHEAD_BYTES);
        assertRefused(sealed(claims), "ends within record 0");
    }
}
