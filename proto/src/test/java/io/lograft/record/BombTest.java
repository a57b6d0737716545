package io.lograft.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import com.sun.management.ThreadMXBean;
import io.lograft.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xerial.snappy.Snappy;

/** Small batches that claim to be huge, or are: refused with a typed error, in little memory. */
class BombTest {
    private static final BatchValidator CLIENTS = BatchValidator.forClients(64 << 20);
    private static final BatchValidator LEADERS = BatchValidator.forLeaders();
    private static final int BOUND = 64 << 20;

    /** A batch with these compressed bytes in place of its records. */
    private static RecordBatch batch(Compression codec, byte[] packed) {
        BatchBuilder builder = new BatchBuilder(4096);
        builder.append(1000, null, new byte[0]);
        byte[] header = builder.build(BatchOptions.plain(codec));
        ByteBuffer batch = ByteBuffer.allocate(BatchHeader.SIZE_BYTES + packed.length);
        batch.put(header, 0, BatchHeader.SIZE_BYTES).put(packed);
        batch.putInt(BatchHeader.LENGTH_POSITION, batch.capacity() - BatchHeader.LOG_OVERHEAD_BYTES);
        batch.putInt(BatchHeader.CRC_POSITION, RecordBatch.at(batch, 0).crcOfContent());
        return RecordBatch.at(batch, 0);
    }

    /** One record with a value of so many zeros, compressed without holding them. */
    private static RecordBatch bomb(Compression codec, long zeros) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        byte[] varint = new byte[10];
        long size = 1 + 1 + 1 + 1 + 5 + zeros + 1;
        head.write(varint, 0, Varints.write(varint, 0, (int) size));
        head.writeBytes(new byte[] {0, 0, 0, 1});
        byte[] valueSize = {(byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0};
        for (int i = 0; i < 5; i++) {
            valueSize[i] |= (byte) ((zeros << 1) >>> (7 * i) & 0x7f);
        }
        head.writeBytes(valueSize);
        byte[] chunk = new byte[1 << 20];
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        if (codec == Compression.SNAPPY) {
            sink.writeBytes(new byte[] {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1});
            addSnappy(sink, head.toByteArray());
            for (long left = zeros; left > 0; left -= chunk.length) {
                addSnappy(sink, chunk);
            }
            addSnappy(sink, new byte[1]);
        } else {
            try (java.io.OutputStream out = switch (codec) {
                case GZIP -> new GZIPOutputStream(sink);
                case LZ4 ->
                    new LZ4FrameOutputStream(
                            sink,
                            LZ4FrameOutputStream.BLOCKSIZE.SIZE_4MB,
                            LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE);
                default -> new ZstdOutputStreamNoFinalizer(sink);
            }) {
                out.write(head.toByteArray());
                for (long left = zeros; left > 0; left -= chunk.length) {
                    out.write(chunk);
                }
                out.write(0);
            }
        }
        return batch(codec, sink.toByteArray());
    }

    private static void addSnappy(ByteArrayOutputStream sink, byte[] plain) throws IOException {
        byte[] packed = Snappy.compress(plain);
        sink.writeBytes(ByteBuffer.allocate(4).putInt(packed.length).array());
        sink.writeBytes(packed);
    }

    /** What this thread allocates on the heap meanwhile. */
    private static long allocatedBy(Runnable work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        work.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static void assertTooLarge(Optional<BatchFault> fault) {
        assertThat(fault).hasValueSatisfying(found -> {
            assertThat(found.code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE);
            assertThat(found.message()).contains("bound of " + BOUND);
        });
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aBombIsRefusedAfterTheBoundAndHoldsNothing(Compression codec) throws IOException {
        RecordBatch bomb = bomb(codec, 256 << 20);
        assertThat((long) bomb.sizeBytes()).isLessThan((256L << 20) / 20);
        assertThat(CLIENTS.check(bomb)).isEmpty();

        long allocated = allocatedBy(() -> {
            assertTooLarge(CLIENTS.checkRecords(bomb, BOUND));
            assertTooLarge(LEADERS.checkRecords(bomb, BOUND));
        });
        assertThat(allocated).as("bytes allocated for two checks").isLessThan(24 << 20);
        RecordCursor records = bomb.records();
        assertThat(records.advance()).isFalse();
        assertTooLarge(records.fault());
        assertTooLarge(new BatchRecoder(Compression.NONE, 0).recode(bomb, BOUND).fault());
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aLargeBatchWithinTheBoundIsWalkedInLittleMemory(Compression codec) throws IOException {
        RecordBatch large = bomb(codec, 32 << 20);

        long allocated =
                allocatedBy(() -> assertThat(CLIENTS.checkRecords(large, BOUND).map(BatchFault::message))
                        .isEmpty());
        assertThat(allocated).isLessThan(12 << 20);
        assertThat(large.records().advance()).isTrue();
    }

    @Test
    void manyLz4FramesThatClaimLargeBlocksCostNothing() {
        // Each frame has a header that claims blocks of 4 MiB, and no block.
        ByteBuffer frame = ByteBuffer.allocate(11).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(0x184D2204).put((byte) 0x60).put((byte) 0x70);
        int hash = XXHashFactory.fastestInstance().hash32().hash(frame.array(), 4, 2, 0);
        frame.put((byte) (hash >>> 8)).putInt(0);
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        for (int i = 0; i < 90_000; i++) {
            sink.writeBytes(frame.array());
        }
        RecordBatch batch = batch(Compression.LZ4, sink.toByteArray());

        long allocated = allocatedBy(() -> assertThat(CLIENTS.checkRecords(batch, BOUND))
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.INVALID_REQUEST)));
        assertThat(allocated).isLessThan(4 << 20);
    }

    @Test
    void aZstdWindowAboveWhatIsAllowedIsRefusedAsTooLarge() {
        // A frame header whose window descriptor says 2^31 bytes, then an empty last block.
        byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) ((31 - 10) << 3), 1, 0, 0};

        for (BatchValidator validator : new BatchValidator[] {CLIENTS, LEADERS}) {
            assertThat(validator.checkRecords(batch(Compression.ZSTD, frame), BOUND))
                    .hasValueSatisfying(fault -> {
                        assertThat(fault.code()).isEqualTo(ErrorCode.RECORD_TOO_LARGE);
                        assertThat(fault.message()).contains("zstd window");
                    });
        }
    }

    @Test
    void theHighestZstdLevelWithItsLargeWindowIsRead() {
        BatchBuilder builder = new BatchBuilder(1 << 20);
        builder.append(1000, null, new byte[300_000]);
        byte[] bytes = builder.build(BatchOptions.plain(Compression.ZSTD).withLevel(Compression.ZSTD.levelMax()));

        assertThat(CLIENTS.checkRecords(RecordBatch.of(bytes), BOUND)).isEmpty();
        assertThat(RecordBatch.of(bytes).records().advance()).isTrue();
    }

    @Test
    void aSnappyBlockThatClaimsWhatItCannotHoldIsDamaged() {
        byte[] claim = {(byte) 0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 5};
        byte[] block = {(byte) 0x80, (byte) 0x80, (byte) 0x80, 8, 7}; // 16 MiB from 5 bytes.
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        sink.writeBytes(claim);
        sink.writeBytes(block);
        RecordBatch batch = batch(Compression.SNAPPY, sink.toByteArray());

        long allocated = allocatedBy(() -> assertThat(LEADERS.checkRecords(batch, BOUND))
                .hasValueSatisfying(fault -> assertThat(fault.code()).isEqualTo(ErrorCode.CORRUPT_BATCH)));
        assertThat(allocated).isLessThan(1 << 20);
    }
}
