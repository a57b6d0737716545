package io.lograft.client.assign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.model.TopicPartition;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.junit.jupiter.api.Test;

/** The bytes are those that Kafka's client writes and reads. */
class ConsumerProtocolTest {
    private static final int GROUPS = 300;

    @Test
    void subscriptionBytesAreKafkasBothWays() {
        forEachMember((member, assigned) -> {
            for (short version = 0; version <= 3; version++) {
                byte[] theirs = bytes(
                        KafkaAssignors.Protocol.serializeSubscription(KafkaAssignors.subscription(member), version));

                assertThat(ConsumerProtocol.subscription(member, version)).isEqualTo(theirs);
                assertThat(ConsumerProtocol.subscription(theirs))
                        .isEqualTo(new MemberSubscription(
                                member.topics(),
                                version >= 1 ? member.owned() : List.of(),
                                version >= 2 ? member.generation() : Optional.empty(),
                                Optional.empty()));
            }
            Subscription read = KafkaAssignors.Protocol.deserializeSubscription(
                    ByteBuffer.wrap(ConsumerProtocol.subscription(member)));
            assertThat(read.topics()).containsExactlyInAnyOrderElementsOf(member.topics());
            assertThat(read.generationId()).isEqualTo(member.generation());
        });
    }

    @Test
    void assignmentBytesAreKafkasBothWays() {
        forEachMember((member, assigned) -> {
            Assignment assignment =
                    new Assignment(assigned.stream().map(KafkaAssignors::kafka).toList());
            for (short version = 0; version <= 3; version++) {
                byte[] theirs = bytes(KafkaAssignors.Protocol.serializeAssignment(assignment, version));

                assertThat(ConsumerProtocol.assignment(assigned, version)).isEqualTo(theirs);
                assertThat(ConsumerProtocol.assignment(theirs)).isEqualTo(assigned);
            }
        });
    }

    /** User data and a rack are passed over, and so is what a version to come may append. */
    @Test
    void whatIsNotKnownIsPassedOver() {
        Subscription full = new Subscription(
                List.of("orders"),
                ByteBuffer.wrap(new byte[] {1, 2, 3}),
                List.of(new org.apache.kafka.common.TopicPartition("orders", 2)),
                7,
                Optional.of("rack"));
        MemberSubscription known =
                MemberSubscription.of("orders").withOwned(List.of(new TopicPartition("orders", 2)), 7);
        byte[] bytes = bytes(KafkaAssignors.Protocol.serializeSubscription(full));
        byte[] later = Arrays.copyOf(bytes, bytes.length + 5);
        later[1] = 9;

        assertThat(ConsumerProtocol.subscription(bytes)).isEqualTo(known);
        assertThat(ConsumerProtocol.subscription(later)).isEqualTo(known);
        assertThat(ConsumerProtocol.assignment(new byte[0])).isEmpty();
    }

    /** Whatever is cut off or changed, there is an answer or an IllegalArgumentException, and memory for neither. */
    @Test
    void damagedBytesAreRefused() {
        MemberSubscription member = MemberSubscription.of("orders", "payments")
                .withOwned(List.of(new TopicPartition("orders", 2), new TopicPartition("orders", 3)), 7);
        byte[] subscription = ConsumerProtocol.subscription(member, 2);
        for (int size = 0; size < subscription.length; size++) {
            byte[] cut = Arrays.copyOf(subscription, size);
            assertThatThrownBy(() -> ConsumerProtocol.subscription(cut))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("the bytes are no subscription: ");
        }
        byte[] assignment = ConsumerProtocol.assignment(member.owned());
        Random random = new Random(3);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = assignment.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                ConsumerProtocol.assignment(damaged);
            } catch (IllegalArgumentException expected) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(5_000);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> ConsumerProtocol.subscription(MemberSubscription.of("x"), 4))
                .hasMessage("version 4 is not 0 to 3");
        assertThatThrownBy(() -> ConsumerProtocol.assignment(List.of(), -1)).hasMessage("version -1 is not 0 to 3");
        assertThatThrownBy(() -> ConsumerProtocol.subscription(MemberSubscription.of("x".repeat(32_768))))
                .hasMessageContaining("32768 bytes");
    }

    private static void forEachMember(BiConsumer<MemberSubscription, List<TopicPartition>> test) {
        for (int seed = 0; seed < GROUPS; seed++) {
            RandomGroup group = new RandomGroup(seed, false);
            Map<String, List<TopicPartition>> assignment =
                    new RangeAssignor().assign(group.partitionCounts, group.members);
            group.own(assignment, seed % 5);
            group.members.forEach((id, member) -> test.accept(member, assignment.get(id)));
        }
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
