package io.lograft.metadata.control;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.model.ErrorCode;
import java.util.Optional;

/** Whether who speaks as the leader of a partition is that leader now: same broker, same life, same leader epoch (R8). */
final class LeaderClaim {
    private LeaderClaim() {}

    static Optional<CommandReply> check(
            ClusterImage image,
            PartitionImage partition,
            BrokerRef leader,
            int leaderEpoch,
            PartitionChanges.Refusal refusal) {
        if (!partition.isLedBy(leader.id())) {
            return Optional.of(refusal.of(ErrorCode.NOT_LEADER, "the leader is " + partition.leader()));
        }
        if (leaderEpoch != partition.leaderEpoch()) {
            ErrorCode code = leaderEpoch < partition.leaderEpoch()
                    ? ErrorCode.FENCED_LEADER_EPOCH
                    : ErrorCode.UNKNOWN_LEADER_EPOCH;
            return Optional.of(refusal.of(code, "the leader epoch is " + partition.leaderEpoch()));
        }
        long brokerEpoch = image.broker(leader.id()).map(BrokerImage::epoch).orElse(-1L);
        return brokerEpoch == leader.epoch()
                ? Optional.empty()
                : Optional.of(refusal.of(ErrorCode.STALE_BROKER_EPOCH, "the leader's broker epoch is " + brokerEpoch));
    }
}
