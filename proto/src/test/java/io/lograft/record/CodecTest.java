package io.lograft.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.record.codec.Decompressed;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG.Bits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The codecs by themselves: every level, every size around a block, frames of others, joined frames. */
class CodecTest {

    private static byte[] text(int size, long seed) {
        Random random = new Random(seed);
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(3));
        }
        return bytes;
    }

    private static byte[] compress(Compression codec, byte[] bytes, int level) throws IOException {
        ByteArrayOutputStream sink = new ByteArrayOutputStream();
        codec.codec().compress(bytes, 0, bytes.length, level, sink);
        return sink.toByteArray();
    }

    private static byte[] decompress(Compression codec, byte[] packed, int bytesMax) throws IOException {
        Decompressed plain = Decompressed.of(codec.codec().reader(packed, 0, packed.length), packed.length, bytesMax);
        return Arrays.copyOf(plain.bytes(), plain.size());
    }

    @ParameterizedTest
    @EnumSource
    void everyLevelMakesTheRoundTripAndTheDensestIsNoLargerThanTheFastest(Compression codec) throws IOException {
        byte[] bytes = "some text that repeats itself, and then some more of it; "
                .repeat(500)
                .getBytes(UTF_8);
        int least = Math.max(codec.levelMin(), -5);
        for (int level = least; level <= codec.levelMax(); level++) {
            assertThat(decompress(codec, compress(codec, bytes, level), bytes.length))
                    .isEqualTo(bytes);
        }
        assertThat(compress(codec, bytes, codec.levelMax()).length)
                .isLessThanOrEqualTo(compress(codec, bytes, Math.max(1, codec.levelMin())).length);
        assertThat(codec.hasLevel(codec.levelDefault())).isTrue();
        assertThat(codec.hasLevel(codec.levelMax() + 1)).isFalse();
        assertThat(codec.hasLevel(codec.levelMin() - 1)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void sizesAroundABlockMakeTheRoundTripAndTheBoundIsExact(Compression codec) throws IOException {
        for (int block : new int[] {0, 32 << 10, 64 << 10, 128 << 10}) {
            for (int size = Math.max(0, block - 2); size <= block + 2; size++) {
                byte[] bytes = text(size, size);
                byte[] packed = compress(codec, bytes, codec.levelDefault());

                assertThat(decompress(codec, packed, size)).isEqualTo(bytes);
                if (size > 0) {
                    assertThatThrownBy(() -> decompress(codec, packed, bytes.length - 1))
                            .hasMessageContaining("more than the bound of " + (size - 1));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void framesThatFollowEachOtherAreOneText(Compression codec) throws IOException {
        byte[] first = compress(codec, text(70_000, 1), codec.levelDefault());
        byte[] second = compress(codec, text(500, 2), codec.levelDefault());
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.write(first);
        both.write(second);
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        plain.write(text(70_000, 1));
        plain.write(text(500, 2));

        assertThat(decompress(codec, both.toByteArray(), 1 << 20)).isEqualTo(plain.toByteArray());
    }

    @ParameterizedTest
    @EnumSource
    void aStreamIsReadByteByByteToo(Compression codec) throws IOException {
        byte[] bytes = text(100, 3);
        byte[] packed = compress(codec, bytes, codec.levelDefault());
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (InputStream in = codec.codec().reader(packed, 0, packed.length)) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                read.write(next);
            }
            assertThat(in.read(new byte[4], 0, 0)).isLessThanOrEqualTo(0);
        }
        assertThat(read.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void lz4FramesWithEveryChecksumAndBlockSizeAreRead() throws IOException {
        byte[] bytes = text(4_500_000, 4);
        for (BLOCKSIZE size : BLOCKSIZE.values()) {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            try (LZ4FrameOutputStream out = new LZ4FrameOutputStream(
                    sink,
                    size,
                    bytes.length,
                    Bits.BLOCK_INDEPENDENCE,
                    Bits.BLOCK_CHECKSUM,
                    Bits.CONTENT_CHECKSUM,
                    Bits.CONTENT_SIZE)) {
                out.write(bytes);
            }
            byte[] packed = sink.toByteArray();
            assertThat(decompress(Compression.LZ4, packed, bytes.length)).isEqualTo(bytes);
            for (int at = 0; at < packed.length; at += at < 40 ? 1 : packed.length / 10) {
                byte[] damaged = packed.clone();
                damaged[at] ^= 0x10;
                assertThatThrownBy(() -> decompress(Compression.LZ4, damaged, bytes.length), "%s, byte %d", size, at)
                        .isInstanceOf(IOException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aTextCutAnywhereIsNoticed(Compression codec) throws IOException {
        byte[] packed = compress(codec, text(300, 5), codec.levelDefault());
        for (int size = 0; size < packed.length; size++) {
            byte[] cut = Arrays.copyOf(packed, size);
            boolean isWholeHeader = codec == Compression.SNAPPY && size == 16;
            boolean isNothing = codec == Compression.ZSTD && size == 0;
            if (isWholeHeader || isNothing) {
                assertThat(decompress(codec, cut, 1 << 20)).isEmpty();
            } else {
                assertThatThrownBy(() -> decompress(codec, cut, 1 << 20))
                        .as("%d of %d bytes", size, packed.length)
                        .isInstanceOf(IOException.class);
            }
        }
    }
}
