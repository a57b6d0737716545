package io.lograft.cli.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

class PerfPayloadTest {
    private final PerfPayload payload = new PerfPayload();

    @Test
    void whatIsWrittenIsIntactAndTellsRunAndSequence() {
        for (int size = PerfPayload.SIZE_BYTES_MIN; size < 80; size++) {
            byte[] value = new byte[size];
            payload.write(-7, 1L << 33, value);
            ByteBuffer read =
                    ByteBuffer.allocate(size + 9).position(5).put(value).flip().position(5);

            assertThat(payload.isIntact(read)).as("size %s", size).isTrue();
            assertThat(PerfPayload.runId(read)).isEqualTo(-7);
            assertThat(PerfPayload.sequence(read)).isEqualTo(1L << 33);
            assertThat(read.position()).isEqualTo(5);
        }
    }

    @Test
    void anyFlippedBitIsFound() {
        byte[] value = new byte[45];
        payload.write(3, 9, value);
        for (int bit = 0; bit < value.length * 8; bit++) {
            value[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(payload.isIntact(ByteBuffer.wrap(value)))
                    .as("bit %s", bit)
                    .isFalse();
            value[bit / 8] ^= (byte) (1 << (bit % 8));
        }
    }

    @Test
    void aCutOrForeignValueIsNotIntact() {
        byte[] value = new byte[40];
        payload.write(3, 9, value);

        assertThat(payload.isIntact(ByteBuffer.wrap(value, 0, 39))).isFalse();
        assertThat(payload.isIntact(ByteBuffer.wrap(value, 0, 3))).isFalse();
        assertThat(payload.isIntact(ByteBuffer.wrap(new byte[40]))).isFalse();
    }

    @Test
    void theBytesDoNotCompress() {
        byte[] values = new byte[200 * 100];
        for (int i = 0; i < 100; i++) {
            byte[] value = new byte[200];
            payload.write(1, i, value);
            System.arraycopy(value, 0, values, 200 * i, 200);
        }
        Deflater deflater = new Deflater();
        deflater.setInput(values);
        deflater.finish();
        int size = deflater.deflate(new byte[values.length * 2]);
        deflater.end();

        assertThat(size).isGreaterThan(values.length * 9 / 10);
    }
}
