package io.lograft.metadata.ratis;

import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.codec.RecordCodec;
import io.lograft.metadata.codec.ReplyCodec;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.control.Decision;
import io.lograft.metadata.control.MetadataControl;
import io.lograft.metadata.image.ClusterImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;
import org.apache.ratis.util.LifeCycle;

/**
 * Applies the Raft log: decodes each command, has it decided, writes what changes to the store and the image, and
 * encodes the reply. Every voter comes to the same state, as decisions depend on the command and the image alone.
 *
 * <p>Entries that the store already has (after a crash Ratis replays from the last checkpoint) are skipped. Whatever
 * goes wrong here means that state is corrupt or cannot be kept: the fatal handler ends the process, and nothing more
 * is applied; an entry is never skipped over.
 *
 * <p>Methods are called by Ratis: {@code apply…} and {@code takeSnapshot} by its one apply thread, {@code pause} by a
 * network thread, hence the lock around the store.
 */
final class MetadataStateMachine extends BaseStateMachine {

    /** Hears what this voter cannot get over. Each is called at most once, and not while the server is being closed. */
    interface Failures {
        /** The state is corrupt or cannot be kept. */
        void broken(Throwable cause);

        /** The log takes no more entries. */
        void logFailed(Throwable cause);

        /** The server stopped by itself: it was removed from the group, or the process had stood still for too long. */
        void stopped();
    }

    private final Path storeDir;
    private final CommittedListener listener;
    private final Runnable leadershipChanged;
    private final Failures failures;
    private final CheckpointStorage checkpoints = new CheckpointStorage();
    private final Object lock = new Object();
    /** Null while paused or closed. Guarded by {@code lock}. */
    private MetadataStore store;

    private volatile ClusterImage image = ClusterImage.empty();
    private volatile boolean isBroken;
    private volatile boolean isClosing;
    private volatile boolean isStopped;

    MetadataStateMachine(Path storeDir, CommittedListener listener, Runnable leadershipChanged, Failures failures) {
        this.storeDir = storeDir;
        this.listener = listener;
        this.leadershipChanged = leadershipChanged;
        this.failures = failures;
    }

    /** The newest state. */
    ClusterImage image() {
        return image;
    }

    /** Index of the newest checkpoint, -1 for none. */
    long checkpointIndex() {
        TermIndex latest = checkpoints.latestPosition();
        return latest == null ? -1 : latest.getIndex();
    }

    @Override
    public void initialize(RaftServer server, RaftGroupId groupId, RaftStorage storage) throws IOException {
        super.initialize(server, groupId, storage);
        getLifeCycle().startAndTransition(() -> {
            checkpoints.init(storage);
            open();
        });
    }

    /** Opens the store, replaced by the newest checkpoint where that is ahead, and makes the image from it. */
    private void open() throws IOException {
        TermIndex checkpoint = checkpoints.latestPosition();
        synchronized (lock) {
            store = MetadataStore.open(storeDir);
            if (checkpoint != null && store.position().index() < checkpoint.getIndex()) {
                store.close();
                store = null;
                checkpoints.restoreLatest(storeDir);
                store = MetadataStore.open(storeDir);
            }
            image = load(store);
        }
        // Ratis replays from the checkpoint on; what the store has beyond it is skipped then.
        setLastAppliedTermIndex(checkpoint == null ? TermIndex.valueOf(0, RaftLog.INVALID_LOG_INDEX) : checkpoint);
        listener.onImage(image);
    }

    private static ClusterImage load(MetadataStore store) throws IOException {
        long index = store.position().imageIndex();
        if (index == 0) {
            return ClusterImage.empty();
        }
        List<MetadataRecord> records = new ArrayList<>();
        for (byte[] value : store.records()) {
            records.add(RecordCodec.fromBytes(value));
        }
        return ClusterImage.empty().apply(index, records);
    }

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext transaction) {
        LogEntryProto entry = transaction.getLogEntry();
        if (isBroken) {
            return CompletableFuture.failedFuture(new IllegalStateException("the metadata state is broken"));
        }
        try {
            Message reply = apply(TermIndex.valueOf(entry), commandBytes(entry));
            updateLastAppliedTermIndex(entry.getTerm(), entry.getIndex());
            return CompletableFuture.completedFuture(reply);
        } catch (IOException | RuntimeException e) {
            IllegalStateException broken = new IllegalStateException(
                    "cannot apply metadata entry " + entry.getIndex() + " of term " + entry.getTerm(), e);
            stop(broken);
            return CompletableFuture.failedFuture(broken);
        }
    }

    private static byte[] commandBytes(LogEntryProto entry) {
        return entry.getStateMachineLogEntry().getLogData().toByteArray();
    }

    private Message apply(TermIndex at, byte[] commandBytes) throws IOException {
        ClusterImage before = image;
        Decision decision;
        ClusterImage after;
        synchronized (lock) {
            // Paused: a checkpoint that covers this entry is about to replace the state. Or applied before a crash.
            if (store == null || at.getIndex() <= store.position().index()) {
                return Message.EMPTY;
            }
            decision = MetadataControl.decide(before, at.getIndex(), CommandCodec.fromBytes(commandBytes));
            after = decision.records().isEmpty() ? before : before.apply(at.getIndex(), decision.records());
            store.write(
                    new MetadataStore.Position(at.getTerm(), at.getIndex(), after.index()),
                    changes(decision.records()));
            image = after;
        }
        if (!decision.records().isEmpty()) {
            listener.onCommitted(at.getIndex(), before.index(), decision.records(), after);
        }
        return encode(decision.reply());
    }

    private static List<MetadataStore.Change> changes(List<MetadataRecord> records) {
        List<MetadataStore.Change> changes = new ArrayList<>(records.size());
        for (MetadataRecord record : records) {
            if (record instanceof MetadataRecord.Removal removal) {
                removal.removedKeys().forEach(key -> changes.add(MetadataStore.Change.remove(key)));
            } else {
                changes.add(MetadataStore.Change.put(record.key(), RecordCodec.toBytes(record)));
            }
        }
        return changes;
    }

    private static Message encode(CommandReply reply) {
        ByteString bytes = UnsafeByteOperations.unsafeWrap(ReplyCodec.toBytes(reply));
        return Message.valueOf(bytes);
    }

    /** The barrier: called once everything up to the confirmed index is applied. Answers the image's index. */
    @Override
    public CompletableFuture<Message> query(Message request) {
        ByteBuffer index = ByteBuffer.allocate(Long.BYTES).putLong(0, image.index());
        return CompletableFuture.completedFuture(Message.valueOf(ByteString.copyFrom(index)));
    }

    @Override
    public long takeSnapshot() throws IOException {
        TermIndex applied = getLastAppliedTermIndex();
        synchronized (lock) {
            // While old entries are replayed the store is ahead of what Ratis counts as applied.
            if (isBroken
                    || store == null
                    || applied.getIndex() < store.position().index()
                    || applied.getIndex() < 0) {
                return RaftLog.INVALID_LOG_INDEX;
            }
            // Entries of Ratis' own do not reach applyTransaction; the checkpoint covers them, too.
            if (applied.getIndex() > store.position().index()) {
                long imageIndex = store.position().imageIndex();
                store.write(new MetadataStore.Position(applied.getTerm(), applied.getIndex(), imageIndex), List.of());
            }
            checkpoints.make(store);
        }
        return applied.getIndex();
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return checkpoints;
    }

    @Override
    public void pause() {
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        closeStore();
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        checkpoints.refresh();
        open();
        getLifeCycle().startAndTransition(() -> LOG.info("{}: continues from {}", getId(), image));
    }

    @Override
    public void close() {
        isClosing = true;
        closeStore();
    }

    private void closeStore() {
        synchronized (lock) {
            if (store != null) {
                store.close();
                store = null;
            }
        }
    }

    /** From now on a stop of the server is what we want. */
    void expectClose() {
        isClosing = true;
    }

    private void stop(Throwable broken) {
        if (!isBroken && !isClosing) {
            isBroken = true;
            failures.broken(broken);
        }
    }

    @Override
    public void notifyLeaderReady() {
        leadershipChanged.run();
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pending) {
        leadershipChanged.run();
    }

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId member, RaftPeerId leader) {
        leadershipChanged.run();
    }

    @Override
    public void notifyConfigurationChanged(long at, long index, RaftConfigurationProto members) {
        leadershipChanged.run();
    }

    @Override
    public void notifyLogFailed(Throwable cause, LogEntryProto failedEntry) {
        if (!isBroken && !isClosing) {
            isBroken = true;
            failures.logFailed(new IOException("the Raft log of the metadata quorum cannot be written", cause));
        }
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto role, boolean allServer) {
        if (!isBroken && !isClosing && !isStopped) {
            isStopped = true;
            failures.stopped();
        }
    }
}
