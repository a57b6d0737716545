package io.lograft.broker.sim;

import io.lograft.broker.replica.PartitionConfiguration;
import io.lograft.broker.replica.PartitionConfiguration.Member;
import io.lograft.metadata.command.ReplicaAssignment;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a replica is told about its partition, from the metadata image. */
final class SimConfigurations {
    private SimConfigurations() {}

    static PartitionConfiguration of(
            ClusterImage image, TopicImage topic, PartitionImage partition, BrokerId self, long selfBrokerEpoch) {
        List<Member> members = new ArrayList<>();
        for (ReplicaAssignment replica : partition.replicas()) {
            Optional<BrokerImage> broker = image.broker(replica.broker());
            members.add(new Member(
                    replica.broker(),
                    broker.map(BrokerImage::epoch).orElse(-1L),
                    partition.isr().contains(replica.broker()),
                    partition.eligible().contains(replica.broker()),
                    broker.map(BrokerImage::isAvailable).orElse(false)));
        }
        return new PartitionConfiguration(
                self,
                selfBrokerEpoch,
                partition.hasLeader() ? Optional.of(new BrokerId(partition.leader())) : Optional.empty(),
                partition.leaderEpoch(),
                partition.partitionEpoch(),
                members,
                topic.minimum(partition),
                topic.flushMode(),
                partition.lastUncleanEpoch());
    }

    /** For a deliberate mistake: the same partition as if the in-sync set had only these members already. */
    static PartitionConfiguration withoutOthers(PartitionConfiguration of, List<BrokerId> isr) {
        List<Member> members = of.replicas().stream()
                .map(member -> new Member(
                        member.id(),
                        member.brokerEpoch(),
                        member.inSync() && isr.contains(member.id()),
                        member.eligible(),
                        member.admissible()))
                .toList();
        return new PartitionConfiguration(
                of.self(),
                of.selfBrokerEpoch(),
                of.leader(),
                of.leaderEpoch(),
                of.partitionEpoch() + 1,
                members,
                of.minimum(),
                of.flushMode(),
                of.lastUncleanEpoch());
    }
}
