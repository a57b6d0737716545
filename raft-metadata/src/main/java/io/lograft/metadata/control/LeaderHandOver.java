package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.MetadataCommand.HandOverLeadership;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Optional;

/**
 * Leaders that ask to be replaced, as their own disk stands still or their in-sync set stays too small.
 *
 * <pre>
 * another member of the in-sync set lives   the first of them in assignment leads; the old leader leaves the set where
 *                                           it stays large enough without, so that it neither holds up commits nor gets
 *                                           leadership back before it has caught up by its own flushes
 * else an eligible replica lives            the first of them in assignment leads, alone in the in-sync set; the others,
 *                                           the old leader included, stay or become eligible
 * else                                      refused
 * </pre>
 *
 * Brokers that drain are no successors.
 */
final class LeaderHandOver {
    private final ClusterImage image;
    private final LeaderChoice choice;
    private final PartitionChanges changes;

    private LeaderHandOver(ClusterImage image) {
        this.image = image;
        this.choice = new LeaderChoice(image);
        this.changes = new PartitionChanges(image);
    }

    static Decision decide(ClusterImage image, HandOverLeadership command) {
        LeaderHandOver handOver = new LeaderHandOver(image);
        return handOver.changes.decideAll(
                command.requests(),
                request -> handOver.changes.decide(
                        request.partition(),
                        (code, why) -> refused(code, request, why),
                        (topic, partition) -> handOver.decide(request, topic, partition)));
    }

    private CommandReply decide(HandOverRequest request, TopicImage topic, PartitionImage partition) {
        Optional<CommandReply> refusal = LeaderClaim.check(
                image, partition, request.leader(), request.leaderEpoch(), (code, why) -> refused(code, request, why));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        BrokerId leader = request.leader().id();
        PartitionDraft draft = new PartitionDraft(topic, partition);
        List<BrokerId> inSync = choice.successors(draft, partition.isr(), leader);
        List<BrokerId> eligible = choice.successors(draft, partition.eligible(), leader);
        if (!inSync.isEmpty()) {
            List<BrokerId> others = partition.isr().stream()
                    .filter(member -> !member.equals(leader))
                    .toList();
            draft.changeIsr(others.size() >= topic.minimum(partition) ? others : partition.isr());
            draft.start(inSync.get(0));
        } else if (!eligible.isEmpty()) {
            draft.changeIsr(List.of(eligible.get(0)));
            draft.start(eligible.get(0));
        } else {
            return refused(
                    ErrorCode.NO_ELIGIBLE_LEADER,
                    request,
                    "no other live replica is in sync " + partition.isr() + " or eligible " + partition.eligible());
        }
        choice.finishReassignment(draft);
        return changes.put(request.partition(), draft.result());
    }

    private static CommandReply refused(ErrorCode code, HandOverRequest request, String why) {
        return CommandReply.refused(
                code,
                "hand-over of " + request.partition() + " by " + request.leader() + " in leader epoch "
                        + request.leaderEpoch() + ": " + why);
    }
}
