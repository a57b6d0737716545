package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * Names of the Raft group and its members. The group's id is a hash of the broker and directory ids that the quorum was
 * formed of: all voters compute the same one before the first election, and since directory ids are random, no two
 * clusters have the same. The cluster id is the same 128 bits as text.
 */
final class QuorumGroup {
    private QuorumGroup() {}

    static UUID uuidOf(List<Voter> formation) {
        String members = Voter.sorted(formation).stream()
                .map(voter -> voter.address().broker() + "#" + voter.directoryId())
                .collect(Collectors.joining(","));
        return UUID.nameUUIDFromBytes(("lograft quorum of " + members).getBytes(StandardCharsets.UTF_8));
    }

    /** 22 characters of URL-safe base 64. */
    static String clusterIdOf(List<Voter> formation) {
        UUID uuid = uuidOf(formation);
        byte[] bytes = HexFormat.of()
                .parseHex(HexFormat.of().toHexDigits(uuid.getMostSignificantBits())
                        + HexFormat.of().toHexDigits(uuid.getLeastSignificantBits()));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static RaftGroup of(List<Voter> formation) {
        return RaftGroup.valueOf(
                idOf(formation),
                Voter.sorted(formation).stream().map(QuorumGroup::peer).toList());
    }

    /** For a server that is no member (yet): it neither votes nor stands for election until a leader adds it. */
    static RaftGroup withoutMembers(List<Voter> formation) {
        return RaftGroup.valueOf(idOf(formation));
    }

    private static RaftGroupId idOf(List<Voter> formation) {
        return RaftGroupId.valueOf(uuidOf(formation));
    }

    /** The gRPC address travels as the peer's client address, so that whoever knows the group knows all of it. */
    static RaftPeer peer(Voter voter) {
        VoterAddress address = voter.address();
        return RaftPeer.newBuilder()
                .setId(peerId(voter))
                .setAddress(address.host() + ":" + address.raftPort())
                .setClientAddress(address.host() + ":" + address.grpcPort())
                .build();
    }

    static Voter voterOf(RaftPeer peer) {
        String raft = peer.getAddress();
        String grpc = peer.getClientAddress();
        int raftPort = portOf(raft);
        // A group that was formed before the gRPC address was kept in it has the usual ports.
        int grpcPort = grpc == null || grpc.isEmpty() ? raftPort - 1 : portOf(grpc);
        String host = raft.substring(0, raft.lastIndexOf(':'));
        String id = peer.getId().toString();
        return new Voter(
                new VoterAddress(brokerOf(peer.getId()), host, raftPort, grpcPort), id.substring(id.indexOf('-') + 1));
    }

    private static int portOf(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    static RaftPeerId peerId(Voter voter) {
        return RaftPeerId.valueOf(voter.raftId());
    }

    static BrokerId brokerOf(RaftPeerId peer) {
        String text = peer.toString();
        return new BrokerId(Integer.parseInt(text.substring(0, text.indexOf('-'))));
    }
}
