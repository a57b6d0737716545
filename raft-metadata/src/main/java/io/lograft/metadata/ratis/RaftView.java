package io.lograft.metadata.ratis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
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
import org.apache.ratis.server.RaftConfiguration;
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

    /** The members as this server knows them. */
    VoterSet voters() {
        return voters(division().getRaftConf());
    }

    private static VoterSet voters(RaftConfiguration conf) {
        return new VoterSet(
                conf.getLogEntryIndex(),
                conf.getCurrentPeers().stream().map(QuorumGroup::voterOf).toList());
    }

    /** The members, where no change of them is under way that might still come to nothing. */
    Optional<VoterSet> settledVoters() {
        RaftServer.Division division = division();
        RaftConfiguration conf = division.getRaftConf();
        boolean isSettled = conf.getPreviousPeers().isEmpty()
                && division.getRaftLog().getLastCommittedIndex() >= conf.getLogEntryIndex();
        return isSettled ? Optional.of(voters(conf)) : Optional.empty();
    }

    /** True where this server has a vote, be it under a change of the members that is not complete. */
    boolean isMember() {
        RaftServer.Division division = division();
        RaftConfiguration conf = division.getRaftConf();
        return isAmong(division.getId(), conf.getCurrentPeers()) || isAmong(division.getId(), conf.getPreviousPeers());
    }

    private static boolean isAmong(RaftPeerId self, Collection<RaftPeer> peers) {
        return peers.stream().anyMatch(peer -> peer.getId().equals(self));
    }

    QuorumStatus status(long checkpointIndex) {
        RaftServer.Division division = division();
        DivisionInfo info = division.getInfo();
        Map<RaftPeerId, Long> matches = matchIndexes(division);
        Map<RaftPeerId, Long> commits = commitIndexes(division);
        Map<RaftPeerId, Long> silences = silencesMs(division);
        List<QuorumStatus.VoterStatus> voters = new ArrayList<>();
        for (RaftPeer peer : division.getRaftConf().getCurrentPeers()) {
            RaftPeerId id = peer.getId();
            voters.add(new QuorumStatus.VoterStatus(
                    QuorumGroup.voterOf(peer),
                    matches.getOrDefault(id, -1L),
                    commits.getOrDefault(id, -1L),
                    silences.getOrDefault(id, -1L)));
        }
        voters.sort(Comparator.comparing(QuorumStatus.VoterStatus::broker));
        return new QuorumStatus(
                Optional.ofNullable(info.getLeaderId()).map(QuorumGroup::brokerOf),
                info.getCurrentTerm(),
                division.getRaftLog().getLastCommittedIndex(),
                info.getLastAppliedIndex(),
                checkpointIndex,
                voters);
    }

    /** Of each voter: at the leader what it acknowledged, elsewhere the commit index last heard of. */
    private static Map<RaftPeerId, Long> matchIndexes(RaftServer.Division division) {
        Map<RaftPeerId, Long> matches = commitIndexes(division);
        DivisionInfo info = division.getInfo();
        List<ServerRpcProto> followers = followers(info);
        if (!followers.isEmpty()) {
            // None where leadership ended since the followers were asked for.
            long[] indexes = Optional.ofNullable(info.getFollowerMatchIndices()).orElse(new long[0]);
            for (int i = 0; i < Math.min(indexes.length, followers.size()); i++) {
                matches.put(idOf(followers.get(i)), indexes[i]);
            }
        }
        matches.put(division.getId(), division.getRaftLog().getFlushIndex());
        return matches;
    }

    private static Map<RaftPeerId, Long> commitIndexes(RaftServer.Division division) {
        Map<RaftPeerId, Long> commits = new HashMap<>();
        for (CommitInfoProto commit : division.getCommitInfos()) {
            commits.put(RaftPeerId.valueOf(commit.getServer().getId()), commit.getCommitIndex());
        }
        return commits;
    }

    /** Only the leader hears of all. */
    private static Map<RaftPeerId, Long> silencesMs(RaftServer.Division division) {
        Map<RaftPeerId, Long> silences = new HashMap<>();
        DivisionInfo info = division.getInfo();
        if (info.isLeader()) {
            silences.put(division.getId(), 0L);
            followers(info).forEach(rpc -> silences.put(idOf(rpc), rpc.getLastRpcElapsedTimeMs()));
        }
        return silences;
    }

    private static List<ServerRpcProto> followers(DivisionInfo info) {
        RoleInfoProto role = info.getRoleInfoProto();
        return role.hasLeaderInfo() ? role.getLeaderInfo().getFollowerInfoList() : List.of();
    }

    private static RaftPeerId idOf(ServerRpcProto rpc) {
        return RaftPeerId.valueOf(rpc.getId().getId());
    }
}
