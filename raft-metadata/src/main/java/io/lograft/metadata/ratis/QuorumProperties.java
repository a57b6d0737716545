package io.lograft.metadata.ratis;

import java.nio.file.Path;
import java.util.List;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.grpc.GrpcConfigKeys;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/**
 * Ratis' settings. The defaults of Ratis are made for large clusters with much memory, and one of them is unsafe:
 * {@code append-entries.compose} can make a follower acknowledge entries that it never wrote, so it is off, and {@link
 * #check} stops the start should it ever be on.
 */
final class QuorumProperties {
    private static final long FREE_BYTES_MIN = 256 << 10;

    private static final SizeInBytes APPEND_BYTES_MAX = SizeInBytes.valueOf("512KB");
    private static final SizeInBytes WRITE_BUFFER = SizeInBytes.valueOf(APPEND_BYTES_MAX.getSize() + 8);
    private static final SizeInBytes FREE_SPACE_MIN = SizeInBytes.valueOf("32MB");
    private static final SizeInBytes MESSAGE_BYTES_MAX = SizeInBytes.valueOf("8MB");
    private static final SizeInBytes SNAPSHOT_CHUNK_BYTES_MAX = SizeInBytes.valueOf("512KB");

    /**
     * Above the number of chunks that a checkpoint has. When a voter goes away in the middle, Ratis goes on waiting for
     * room among the chunks in flight until the timeout of all of them, so room must never be short.
     */
    private static final int SNAPSHOT_CHUNKS_IN_FLIGHT_MAX = 256;

    /** Times the number above: how long a stalled transfer of a checkpoint lasts. */
    private static final int SNAPSHOT_CHUNK_TIMEOUT_MS = 100;

    private QuorumProperties() {}

    static RaftProperties of(QuorumConfig config, Path raftDir) {
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.setStorageDir(properties, List.of(raftDir.toFile()));
        RaftServerConfigKeys.setRemovedGroupsDir(
                properties, raftDir.resolve("removed").toFile());
        // With less the log could not be written for long, and a voter that fails while it leads does more harm than
        // one
        // that says at its start what it lacks. Checked at the start alone.
        RaftServerConfigKeys.setStorageFreeSpaceMin(properties, FREE_SPACE_MIN);
        times(properties, config.timings());
        log(properties, config.limits());
        snapshots(properties, config.limits().snapshotEntries());
        limits(properties, config.limits().inFlightMax());
        transport(properties, config);
        check(properties);
        return properties;
    }

    private static void times(RaftProperties properties, QuorumTimings timings) {
        RaftServerConfigKeys.Rpc.setTimeoutMin(properties, ms(timings.electionMinMs()));
        RaftServerConfigKeys.Rpc.setTimeoutMax(properties, ms(timings.electionMaxMs()));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(properties, ms(timings.firstElectionMinMs()));
        RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(properties, ms(timings.firstElectionMaxMs()));
        RaftServerConfigKeys.Rpc.setSlownessTimeout(properties, ms(15_000));
        RaftServerConfigKeys.Notification.setNoLeaderTimeout(properties, ms(15_000));
        // A leader that lost its majority for a moment may stand again soon: the others may be the slow ones.
        RaftServerConfigKeys.LeaderElection.setLeaderStepDownWaitTime(properties, ms(2_000));
        // A process that was stopped for long is to go on; the quorum has deposed it anyway.
        RaftServerConfigKeys.setCloseThreshold(properties, ms(300_000));
        RaftServerConfigKeys.RetryCache.setExpiryTime(properties, ms(120_000));
        // Reads are our barrier: confirmed by a majority each time, since a lease would trust the rate of clocks.
        RaftServerConfigKeys.Read.setOption(properties, RaftServerConfigKeys.Read.Option.LINEARIZABLE);
        RaftServerConfigKeys.Read.setLeaderLeaseEnabled(properties, false);
    }

    private static void log(RaftProperties properties, QuorumConfig.Limits limits) {
        RaftServerConfigKeys.Log.setAppendEntriesComposeEnabled(properties, false);
        RaftServerConfigKeys.Log.setUnsafeFlushEnabled(properties, false);
        RaftServerConfigKeys.Log.setAsyncFlushEnabled(properties, false);
        RaftServerConfigKeys.Log.setLogMetadataEnabled(properties, false);
        // Ratis refuses to start with less than 32 MB free; a voter must come back on a disk that others have filled.
        RaftServerConfigKeys.setStorageFreeSpaceMin(properties, SizeInBytes.valueOf(FREE_BYTES_MIN));
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf(limits.segmentBytesMax()));
        RaftServerConfigKeys.Log.setPreallocatedSize(
                properties, SizeInBytes.valueOf(Math.min(64 << 10, limits.segmentBytesMax())));
        RaftServerConfigKeys.Log.setWriteBufferSize(properties, WRITE_BUFFER);
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(properties, 2);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(properties, SizeInBytes.valueOf("8MB"));
        RaftServerConfigKeys.Log.setQueueByteLimit(properties, SizeInBytes.valueOf("8MB"));
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(properties, APPEND_BYTES_MAX);
        // Without an end, and never longer than an election timeout: a voter that comes back is to hear of its leader.
        RaftServerConfigKeys.Log.Appender.setRetryPolicy(properties, "10ms,10, 150ms,1000000000");
        RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(properties, SNAPSHOT_CHUNK_BYTES_MAX);
    }

    private static void snapshots(RaftProperties properties, int snapshotEntries) {
        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(properties, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(properties, snapshotEntries);
        RaftServerConfigKeys.Snapshot.setTriggerWhenStopEnabled(properties, false);
        // Two, since an old one may be on its way to another voter when it would be deleted.
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(properties, 2);
        // A voter that is away must not keep the log from being purged; it gets a checkpoint when it is back.
        RaftServerConfigKeys.Log.setPurgeUptoSnapshotIndex(properties, true);
        RaftServerConfigKeys.Log.setPurgeGap(properties, Math.min(1_000, snapshotEntries));
        RaftServerConfigKeys.Log.setPurgePreservationLogNum(properties, snapshotEntries / 2);
    }

    private static void limits(RaftProperties properties, int inFlightMax) {
        RaftServerConfigKeys.Write.setElementLimit(properties, inFlightMax * 2);
        RaftServerConfigKeys.Write.setByteLimit(properties, SizeInBytes.valueOf("64MB"));
        RaftServerConfigKeys.ThreadPool.setServerCached(properties, true);
        RaftServerConfigKeys.ThreadPool.setClientCached(properties, true);
        GrpcConfigKeys.Server.setAsyncRequestThreadPoolSize(properties, 4);
    }

    private static void transport(RaftProperties properties, QuorumConfig config) {
        GrpcConfigKeys.Server.setHost(properties, config.bindHost());
        GrpcConfigKeys.Server.setPort(properties, config.self().raftPort());
        GrpcConfigKeys.Server.setHeartbeatChannel(properties, true);
        GrpcConfigKeys.Server.setBossGroupSize(properties, 1);
        GrpcConfigKeys.Server.setWorkerGroupSize(properties, 2);
        GrpcConfigKeys.Client.setWorkerGroupSize(properties, 2);
        GrpcConfigKeys.Server.setInstallSnapshotRequestElementLimit(properties, SNAPSHOT_CHUNKS_IN_FLIGHT_MAX);
        GrpcConfigKeys.Server.setInstallSnapshotRequestTimeout(properties, ms(SNAPSHOT_CHUNK_TIMEOUT_MS));
        GrpcConfigKeys.setMessageSizeMax(properties, MESSAGE_BYTES_MAX);
        GrpcConfigKeys.setFlowControlWindow(properties, SizeInBytes.valueOf("1MB"));
    }

    /** Throws IllegalStateException where an effective setting would break a promise of the log. */
    static void check(RaftProperties properties) {
        require(
                !RaftServerConfigKeys.Log.appendEntriesComposeEnabled(properties),
                "append-entries.compose must be off: it can acknowledge entries that were never written");
        require(!RaftServerConfigKeys.Log.unsafeFlushEnabled(properties), "unsafe-flush must be off");
        require(!RaftServerConfigKeys.Log.asyncFlushEnabled(properties), "async-flush must be off");
        require(
                RaftServerConfigKeys.Log.writeBufferSize(properties).getSize()
                        >= RaftServerConfigKeys.Log.Appender.bufferByteLimit(properties)
                                        .getSize()
                                + 8,
                "write.buffer.size must hold a whole append and its length");
        require(
                RaftServerConfigKeys.Snapshot.retentionFileNum(properties) >= 2,
                "two checkpoints must be kept: one may be on its way to another voter");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("setting of the metadata quorum: " + what);
        }
    }

    private static TimeDuration ms(int ms) {
        return TimeDuration.valueOf(ms, java.util.concurrent.TimeUnit.MILLISECONDS);
    }
}
