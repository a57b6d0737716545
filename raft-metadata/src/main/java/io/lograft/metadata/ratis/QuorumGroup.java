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
        List<RaftPeer> peers = Voter.sorted(formation).stream()
                .map(voter -> RaftPeer.newBuilder()
                        .setId(peerId(voter))
                        .setAddress(
                                voter.address().host() + ":" + voter.address().raftPort())
                        .build())
                .toList();
        return RaftGroup.valueOf(RaftGroupId.valueOf(uuidOf(formation)), peers);
    }

    static RaftPeerId peerId(Voter voter) {
        return RaftPeerId.valueOf(
                voter.address().broker() + "-" + voter.directoryId().substring(0, 12));
    }

    static BrokerId brokerOf(RaftPeerId peer) {
        String text = peer.toString();
        return new BrokerId(Integer.parseInt(text.substring(0, text.indexOf('-'))));
    }
}
