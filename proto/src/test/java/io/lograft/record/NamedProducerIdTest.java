package io.lograft.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NamedProducerIdTest {

    /** Other implementations must agree, or a name would be two producers. */
    @Test
    void idsOfNamesAreFixed() {
        // SHA-256("abc") begins with ba7816bf8f01cfea.
        assertThat(NamedProducerId.of("abc")).isEqualTo((1L << 62) | (0xba7816bf8f01cfeaL >>> 2));
        assertThat(NamedProducerId.of("loader-1")).isNotEqualTo(NamedProducerId.of("loader-2"));
    }

    @Test
    void onlyIdsOfNamesCarryTheMark() {
        assertThat(NamedProducerId.isNamed(NamedProducerId.of("abc"))).isTrue();
        assertThat(NamedProducerId.isNamed(-1)).isFalse();
        assertThat(NamedProducerId.isNamed(0)).isFalse();
        assertThat(NamedProducerId.isNamed((1L << 62) - 1)).isFalse();
    }

    @Test
    void aSequenceSurvivesTheHeader() {
        long[] sequences = {0, 1, Integer.MAX_VALUE, 1L << 31, (1L << 31) + 7, NamedProducerId.SEQUENCE_MAX};
        for (long sequence : sequences) {
            short epoch = NamedProducerId.epochOf(sequence);
            int base = NamedProducerId.baseSequenceOf(sequence);
            assertThat(epoch).isNotNegative();
            assertThat(base).isNotNegative();
            assertThat(NamedProducerId.sequence(epoch, base)).isEqualTo(sequence);
        }
    }

    @Test
    void aBatchEndsWithItsEpochAndAtGaps() {
        assertThat(NamedProducerId.continues(8, 7)).isTrue();
        assertThat(NamedProducerId.continues(9, 7)).isFalse();
        assertThat(NamedProducerId.continues(1L << 31, (1L << 31) - 1)).isFalse();
    }
}
