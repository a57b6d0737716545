package io.lograft.record.codec;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * All that a stream holds, in memory.
 *
 * @param bytes an array with the content at its start
 * @param size of the content
 */
@SuppressWarnings("ArrayRecordComponent") // Handed from one method to its caller, never compared.
public record Decompressed(byte[] bytes, int size) {
    private static final int FIRST_BYTES_MIN = 512;
    private static final int FIRST_BYTES_MAX = 1 << 20;
    private static final int ARRAY_BYTES_MAX = Integer.MAX_VALUE - 8;

    /**
     * Reads a stream to its end and closes it; throws {@link TooLargeException} once it has more than {@code bytesMax}
     * bytes. The array grows with what was read, never with what is claimed.
     *
     * @param packedBytes size of the compressed form, from which the first guess is made
     */
    public static Decompressed of(InputStream stream, int packedBytes, int bytesMax) throws IOException {
        int sizeMax = Math.min(bytesMax, ARRAY_BYTES_MAX - 1);
        try (InputStream in = stream) {
            long guess = Math.max(FIRST_BYTES_MIN, Math.min(4L * packedBytes, FIRST_BYTES_MAX));
            byte[] bytes = new byte[(int) Math.min(guess, sizeMax + 1L)];
            int size = 0;
            while (true) {
                int count = in.read(bytes, size, bytes.length - size);
                if (count < 0) {
                    return new Decompressed(bytes, size);
                }
                size += count;
                if (size > sizeMax) {
                    throw TooLargeException.above(sizeMax);
                }
                if (size == bytes.length) {
                    bytes = Arrays.copyOf(bytes, (int) Math.min(2L * size, sizeMax + 1L));
                }
            }
        }
    }
}
