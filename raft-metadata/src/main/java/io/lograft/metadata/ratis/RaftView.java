package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.ratis.proto.RaftProtos.CommitInfoProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.proto.RaftProtos.ServerRpcProto;
import org.apache.ratis.protocol.RaftGroup;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.DivisionInfo;
import org.apache.ratis.server.RaftServer;

/** What a Raft server tells of its state, in our words. Reads only. */
record RaftView(RaftServer server, RaftGroup group) {

    private RaftServer.Division division() {
        try {
            return server.getDivision(group.getGroupId());
        } catch (IOException e) {
            throw new UncheckedIOException("the Raft server has no group " + group.getGroupId(), e);
        }
    }

    private DivisionInfo info() {
        return division().getInfo();
    }

    boolean isLeader() {
        DivisionInfo info = info();
        return info.isAlive() && info.isLeader();
    }

    /** Leads, and has applied all that precedes its term. */
    boolean isLeaderReady() {
        DivisionInfo info = info();
        return info.isAlive() && info.isLeaderReady();
    }

    long term() {
        return info().getCurrentTerm();
    }

    /** Null while none is known. */
    RaftPeerId leaderId() {
        return info().getLeaderId();
    }

    QuorumStatus status(long checkpointIndex) {
        RaftServer.Division division = division();
        DivisionInfo info = division.getInfo();
        long commitIndex = division.getRaftLog().getLastCommittedIndex();
        Map<RaftPeerId, Long> matches = matchIndexes(division);
        List<QuorumStatus.VoterStatus> voters = new ArrayList<>();
        for (RaftPeer peer : division.getRaftConf().getCurrentPeers()) {
            voters.add(new QuorumStatus.VoterStatus(
                    QuorumGroup.brokerOf(peer.getId()), peer.getAddress(), matches.getOrDefault(peer.getId(), -1L)));
        }
        voters.sort(Comparator.comparing(QuorumStatus.VoterStatus::broker));
        Optional<BrokerId> leader = Optional.ofNullable(info.getLeaderId()).map(QuorumGroup::brokerOf);
        return new QuorumStatus(
                leader, info.getCurrentTerm(), commitIndex, info.getLastAppliedIndex(), checkpointIndex, voters);
    }

    /** Of each voter: at the leader what it acknowledged, elsewhere the commit index last heard of. */
    private static Map<RaftPeerId, Long> matchIndexes(RaftServer.Division division) {
        Map<RaftPeerId, Long> matches = new HashMap<>();
        for (CommitInfoProto commit : division.getCommitInfos()) {
            matches.put(RaftPeerId.valueOf(commit.getServer().getId()), commit.getCommitIndex());
        }
        DivisionInfo info = division.getInfo();
        RoleInfoProto role = info.getRoleInfoProto();
        if (role.hasLeaderInfo()) {
            long[] indexes = info.getFollowerMatchIndices();
            List<ServerRpcProto> followers = role.getLeaderInfo().getFollowerInfoList();
            for (int i = 0; i < Math.min(indexes.length, followers.size()); i++) {
                matches.put(RaftPeerId.valueOf(followers.get(i).getId().getId()), indexes[i]);
            }
        }
        matches.put(division.getId(), division.getRaftLog().getFlushIndex());
        return matches;
    }

    /** The other voter that has most of the log. */
    Optional<RaftPeerId> mostAdvancedFollower() {
        RaftServer.Division division = division();
        return matchIndexes(division).entrySet().stream()
                .filter(match -> !match.getKey().equals(division.getId()))
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey);
    }
}
