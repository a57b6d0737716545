package io.lograft.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;

class Murmur2Test {

    @Test
    void hashesAndPartitionsAreKafkas() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] key = new byte[i % 70];
            random.nextBytes(key);
            int partitions = 1 + random.nextInt(i % 2 == 0 ? 50 : Integer.MAX_VALUE - 1);

            assertThat(Murmur2.hash(key)).isEqualTo(Utils.murmur2(key));
            assertThat(Murmur2.partition(key, partitions))
                    .isEqualTo(BuiltInPartitioner.partitionForKey(key, partitions));
        }
    }

    @Test
    void aTopicHasAPartition() {
        assertThatThrownBy(() -> Murmur2.partition(new byte[1], 0)).hasMessageContaining("not 0");
    }
}
