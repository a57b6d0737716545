package io.lograft.client.serde;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.proto.v1.LeaderHint;
import java.util.Random;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

/** The bytes are those of Kafka's own serializers, both ways. */
class SerdesTest {
    private static final String TOPIC = "orders";

    @Test
    void longsAreKafkas() {
        Random random = new Random(1);
        try (LongSerializer kafka = new LongSerializer();
                LongDeserializer back = new LongDeserializer()) {
            for (int i = 0; i < 2_000; i++) {
                Long number = i < 4 ? new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}[i] : random.nextLong();
                byte[] bytes = Serdes.longs().serialize(TOPIC, number);
                assertThat(bytes).isEqualTo(kafka.serialize(TOPIC, number));
                assertThat(Serdes.longs().deserialize(TOPIC, bytes)).isEqualTo(number);
                assertThat(back.deserialize(TOPIC, bytes)).isEqualTo(number);
            }
        }
        for (int size : new int[] {0, 7, 9}) {
            assertThatThrownBy(() -> Serdes.longs().deserialize(TOPIC, new byte[size]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("8 bytes, not " + size);
        }
    }

    @Test
    void textIsKafkas() {
        try (StringSerializer kafka = new StringSerializer();
                StringDeserializer back = new StringDeserializer()) {
            for (String text : new String[] {"", "plain", "ключ", "名", "\ud83d\ude00", "lone \ud83d"}) {
                byte[] bytes = Serdes.string().serialize(TOPIC, text);
                assertThat(bytes).isEqualTo(kafka.serialize(TOPIC, text));
                assertThat(Serdes.string().deserialize(TOPIC, bytes)).isEqualTo(back.deserialize(TOPIC, bytes));
            }
            byte[] noText = {(byte) 0xc3, 0x28, (byte) 0xff};
            assertThat(Serdes.string().deserialize(TOPIC, noText)).isEqualTo(back.deserialize(TOPIC, noText));
        }
    }

    @Test
    void bytesStayAsTheyAre() {
        try (ByteArraySerializer kafka = new ByteArraySerializer()) {
            byte[] bytes = "some".getBytes(UTF_8);
            assertThat(Serdes.bytes().serialize(TOPIC, bytes)).isEqualTo(kafka.serialize(TOPIC, bytes));
            assertThat(Serdes.bytes().deserialize(TOPIC, bytes)).isSameAs(bytes);
        }
    }

    @Test
    void messagesAreParsedAndOthersAreNot() {
        Serde<LeaderHint> serde = Serdes.protobuf(LeaderHint.parser());
        LeaderHint message = LeaderHint.newBuilder().setLeaderEpoch(7).build();
        assertThat(serde.deserialize(TOPIC, serde.serialize(TOPIC, message))).isEqualTo(message);
        assertThatThrownBy(() -> serde.deserialize(TOPIC, new byte[] {10, 100, 1}))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
