package io.lograft.metadata.control;

import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether the cluster can do without a broker: every partition that counts on it must keep enough members in its in-sync
 * set to go on committing without it.
 */
final class DrainSafety {
    private static final int NAMED_MAX = 5;

    private DrainSafety() {}

    /** The refusal to drain the broker; empty where it may be drained, or drains already. */
    static Optional<Decision> check(ClusterImage image, BrokerImage broker) {
        if (broker.fenced()) {
            return Optional.of(Decision.refused(
                    ErrorCode.BROKER_FENCED, "broker " + broker.id() + " is fenced: it leads nothing to be moved"));
        }
        if (broker.draining()) {
            return Optional.empty();
        }
        List<String> harmed = new ArrayList<>();
        int count = 0;
        LeaderChoice choice = new LeaderChoice(image);
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                if (!partition.isr().contains(broker.id())) {
                    continue;
                }
                int left = othersInSync(choice, topic, partition, broker.id());
                if (left < topic.minimum(partition)) {
                    count++;
                    if (harmed.size() < NAMED_MAX) {
                        harmed.add(topic.name() + "-" + partition.partition() + " (" + left + " of at least "
                                + topic.minimum(partition) + ")");
                    }
                }
            }
        }
        return count == 0
                ? Optional.empty()
                : Optional.of(Decision.refused(
                        ErrorCode.UNSAFE_CHANGE,
                        "without broker " + broker.id() + " too few members would be left in the in-sync set of "
                                + count + " partitions, which could not commit then: " + String.join(", ", harmed)
                                + (count > harmed.size() ? ", ..." : "")));
    }

    private static int othersInSync(LeaderChoice choice, TopicImage topic, PartitionImage partition, BrokerId broker) {
        return choice.successors(new PartitionDraft(topic, partition), partition.isr(), broker)
                .size();
    }
}
