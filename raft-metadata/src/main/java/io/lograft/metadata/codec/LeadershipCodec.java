package io.lograft.metadata.codec;

import static io.lograft.metadata.codec.ProtoFields.brokerRef;
import static io.lograft.metadata.codec.ProtoFields.topicId;

import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.LeaderElection;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.StoredCommand;
import io.lograft.proto.v1.StoredElection;

/** The commands about who leads, in the form of the metadata log. Stateless; any thread. */
final class LeadershipCodec {
    private LeadershipCodec() {}

    static StoredCommand.HandOver toProto(MetadataCommand.HandOverLeadership handOver) {
        StoredCommand.HandOver.Builder stored = StoredCommand.HandOver.newBuilder();
        for (HandOverRequest request : handOver.requests()) {
            stored.addRequestsBuilder()
                    .setTopicId(ProtoFields.bytes(request.partition().topic()))
                    .setPartition(request.partition().partition())
                    .setLeader(brokerRef(request.leader()))
                    .setLeaderEpoch(request.leaderEpoch());
        }
        return stored.build();
    }

    static MetadataCommand.HandOverLeadership fromProto(StoredCommand.HandOver stored) {
        return new MetadataCommand.HandOverLeadership(
                stored.getRequestsList().stream().map(LeadershipCodec::request).toList());
    }

    private static HandOverRequest request(StoredCommand.HandOver.Request stored) {
        ProtoFields.requireKnown("command HAND_OVER", stored);
        return new HandOverRequest(
                new PartitionId(topicId(stored.getTopicId()), stored.getPartition()),
                brokerRef(stored.getLeader()),
                stored.getLeaderEpoch());
    }

    static StoredCommand.ElectLeaders toProto(MetadataCommand.ElectLeaders elect) {
        StoredCommand.ElectLeaders.Builder stored =
                StoredCommand.ElectLeaders.newBuilder().setElection(election(elect.election()));
        for (PartitionId partition : elect.partitions()) {
            stored.addPartitionsBuilder()
                    .setTopicId(ProtoFields.bytes(partition.topic()))
                    .setPartition(partition.partition());
        }
        return stored.build();
    }

    static MetadataCommand.ElectLeaders fromProto(StoredCommand.ElectLeaders stored) {
        return new MetadataCommand.ElectLeaders(
                stored.getPartitionsList().stream()
                        .map(LeadershipCodec::partition)
                        .toList(),
                election(stored.getElection()));
    }

    private static PartitionId partition(StoredCommand.ElectLeaders.Partition stored) {
        ProtoFields.requireKnown("command ELECT_LEADERS", stored);
        return new PartitionId(topicId(stored.getTopicId()), stored.getPartition());
    }

    private static StoredElection election(LeaderElection election) {
        return switch (election) {
            case PREFERRED -> StoredElection.STORED_ELECTION_PREFERRED;
            case UNCLEAN -> StoredElection.STORED_ELECTION_UNCLEAN;
        };
    }

    private static LeaderElection election(StoredElection stored) {
        return switch (stored) {
            case STORED_ELECTION_PREFERRED -> LeaderElection.PREFERRED;
            case STORED_ELECTION_UNCLEAN -> LeaderElection.UNCLEAN;
            case STORED_ELECTION_UNSPECIFIED, UNRECOGNIZED ->
                throw new UnknownMetadataException("election " + stored + " is not known to this version");
        };
    }
}
