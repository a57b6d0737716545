package io.lograft.broker.log.compact;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The hash against the published vectors, and the map against a plain one. */
final class KeyHasherTest {

    private static final byte[] COUNTING = new byte[16];

    static {
        for (int i = 0; i < COUNTING.length; i++) {
            COUNTING[i] = (byte) i;
        }
    }

    private static String hash(int size) {
        KeyHasher hasher = new KeyHasher(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
        hasher.hash(COUNTING, 0, size);
        return String.format("%016x%016x", Long.reverseBytes(hasher.low()), Long.reverseBytes(hasher.high()));
    }

    @Test
    void isSipHashWith128Bits() {
        assertThat(hash(0)).isEqualTo("a3817f04ba25a8e66df67214c7550293");
        assertThat(hash(1)).isEqualTo("da87c1d86b99af44347659119b22fc45");
        assertThat(hash(2)).isEqualTo("8177228da4a45dc7fca38bdef60affe4");
    }

    @Test
    void theMapHasTheNewestOffsetOfEachKeyUntilItIsFull() {
        Random random = new Random(4);
        KeyHasher hasher = new KeyHasher(random.nextLong(), random.nextLong());
        OffsetMap map = new OffsetMap(1000 * OffsetMap.SLOT_BYTES);
        assertThat(map.keysMax()).isEqualTo(900);
        Map<Integer, Long> model = new HashMap<>();
        long refused = 0;
        for (long offset = 0; offset < 20_000; offset++) {
            int key = random.nextInt(1_200);
            byte[] bytes = ("key " + key).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            hasher.hash(bytes, 0, bytes.length);
            if (map.put(hasher, offset)) {
                model.put(key, offset);
            } else {
                refused++;
                assertThat(model).doesNotContainKey(key).hasSize(900);
            }
            assertThat(map.get(hasher)).isEqualTo(model.getOrDefault(key, -1L));
        }
        assertThat(refused).isPositive();
        assertThat(map.count()).isEqualTo(900);
    }

    @Test
    void theSmallestMapTakesAKey() {
        OffsetMap map = new OffsetMap(0);
        KeyHasher hasher = new KeyHasher(1, 2);
        hasher.hash(COUNTING, 0, 3);
        assertThat(map.put(hasher, 0)).isTrue();
        assertThat(map.get(hasher)).isZero();
        hasher.hash(COUNTING, 0, 4);
        assertThat(map.get(hasher)).isEqualTo(-1);
        assertThat(map.put(hasher, 1)).isFalse();
    }
}
