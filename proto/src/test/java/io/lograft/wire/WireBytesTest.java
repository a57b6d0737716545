package io.lograft.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.ProduceBatch;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WireBytesTest {

    @Test
    void takesTheBytesOfAParsedMessageWithoutCopyingThem() throws InvalidProtocolBufferException {
        byte[] wire = ProduceBatch.newBuilder()
                .setCorrelationId(5)
                .setRecords(ByteString.copyFromUtf8("records"))
                .build()
                .toByteArray();
        ByteString records = ProduceBatch.parseFrom(wire).getRecords();
        ByteBuffer taken = WireBytes.take(records);
        assertThat(taken.remaining()).isEqualTo(7);
        taken.put(0, (byte) 'R');
        assertThat(records.toStringUtf8()).as("shares memory").isEqualTo("Records");
    }

    @Test
    void gathersBytesThatLieInPieces() {
        byte[] bytes = new byte[10_000];
        new Random(1).nextBytes(bytes);
        ByteString rope = ByteString.copyFrom(bytes, 0, 3_000)
                .concat(ByteString.copyFrom(bytes, 3_000, 5_000))
                .concat(ByteString.copyFrom(bytes, 8_000, 2_000));
        ByteBuffer taken = WireBytes.take(rope);
        byte[] result = new byte[taken.remaining()];
        taken.get(result);
        assertThat(result).isEqualTo(bytes);
        assertThat(WireBytes.take(ByteString.EMPTY).remaining()).isZero();
    }

    @Test
    void passesTopicIdsAndRefusesOtherSizes() {
        TopicId id = new TopicId(-5, 77);
        assertThat(WireBytes.topicId(WireBytes.topicId(id))).isEqualTo(id);
        assertThatThrownBy(() -> WireBytes.topicId(ByteString.copyFromUtf8("short")))
                .hasMessageContaining("16 bytes, not 5");
    }
}
