package io.lograft.broker.app.storage;

import io.lograft.broker.api.storage.LogDirectories;
import io.lograft.broker.cluster.BrokerSession;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.concurrent.Workers;
import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.PartitionLog;
import io.lograft.broker.log.move.FutureReplicas;
import io.lograft.broker.log.move.ReplicaCopy;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryAssignment;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves replicas from one log directory of this broker to another, one at a time.
 *
 * <pre>
 * 1. copy, in rounds, while the replica goes on          crash: the copy is deleted at the next start
 * 2. end the replica, copy the rest, all to the disk     crash: the same; the complete copy is a spare one
 * 3. the metadata name the other directory               crash: what they name counts; both hold the same
 * 4. the copy becomes the replica, the old one is deleted
 * </pre>
 *
 * From step 2 until the outcome of step 3 is known the replica stands still: if it went on in the old directory, and the
 * metadata named the new one, a crash would lose what came in between. The leader, if it is here, is another from step 3 on.
 *
 * <p>Lists of moves belong to the metadata loop; the moves themselves are made on one thread.
 */
public final class DirectoryMoves implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryMoves.class);
    private static final int ROUNDS_MAX = 10;
    private static final long REST_BYTES = 4L << 20;
    private static final int WAITING_MAX = 1_000;
    private static final int OVER_MAX = 100;
    private static final long RETRY_MS = 200;

    private final BrokerId self;
    private final BrokerSession session;
    private final EventLoop loop;
    private final DirectoryHosts hosts;
    private final long bytesPerSecond;
    private final Workers thread;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Map<PartitionId, MoveProgress> current = new LinkedHashMap<>();
    private final Deque<MoveProgress> over = new ArrayDeque<>();
    private volatile List<MoveProgress> view = List.of();

    /** Moves nothing yet. */
    public DirectoryMoves(
            BrokerId self,
            BrokerSession session,
            EventLoop loop,
            DirectoryHosts hosts,
            long bytesPerSecond,
            Consumer<Throwable> fatal) {
        this.self = self;
        this.session = session;
        this.loop = loop;
        this.hosts = hosts;
        this.bytesPerSecond = bytesPerSecond;
        this.thread = new Workers("move", 1, fatal);
    }

    /** One move. */
    private record Move(
            PartitionId id,
            TopicPartition name,
            DirectoryHosts.Host from,
            DirectoryHosts.Host to,
            MoveProgress progress) {}

    /** Those under way and the last ones. Any thread. */
    public List<LogDirectories.Move> list() {
        return view.stream().map(MoveProgress::now).toList();
    }

    private void publish() {
        List<MoveProgress> all = new ArrayList<>(over);
        all.addAll(current.values());
        view = List.copyOf(all);
    }

    /** Begins a move, or says why not. Any thread. */
    public CompletableFuture<CommandReply> move(TopicPartition name, String directory) {
        CompletableFuture<CommandReply> answer = new CompletableFuture<>();
        loop.execute(() -> answer.complete(begin(name, directory)));
        return answer;
    }

    private CommandReply begin(TopicPartition name, String directory) {
        Optional<TopicImage> topic = session.image().topic(name.topic());
        if (topic.isEmpty()) {
            return CommandReply.refused(ErrorCode.UNKNOWN_TOPIC, "no topic has the name '" + name.topic() + "'");
        }
        PartitionId id = new PartitionId(topic.get().id(), name.partition());
        if (topic.get().partition(name.partition()).isEmpty()) {
            return CommandReply.refused(
                    ErrorCode.UNKNOWN_PARTITION,
                    name.topic() + " has " + topic.get().partitions().size() + " partitions, none is "
                            + name.partition());
        }
        Optional<DirectoryHosts.Host> from = hosts.hostOf(id);
        Optional<DirectoryHosts.Host> to = hosts.usable().stream()
                .filter(host -> host.storage().toString().equals(directory)
                        || host.id().toString().equals(directory))
                .findFirst();
        if (from.isEmpty() || !hosts.usable().contains(from.get())) {
            return CommandReply.refused(
                    ErrorCode.INVALID_REQUEST, name + " has no replica in a usable directory of broker " + self);
        }
        if (to.isEmpty()) {
            return CommandReply.refused(
                    ErrorCode.INVALID_REQUEST,
                    "'" + directory + "' is none of the log directories of broker " + self + " that can be used: "
                            + hosts.usable().stream()
                                    .map(DirectoryHosts.Host::storage)
                                    .toList());
        }
        return begin(new Move(
                id,
                name,
                from.get(),
                to.get(),
                new MoveProgress(
                        name,
                        from.get().storage().toString(),
                        to.get().storage().toString())));
    }

    private CommandReply begin(Move move) {
        if (move.from().equals(move.to())) {
            return CommandReply.refused(
                    ErrorCode.INVALID_REQUEST,
                    move.name() + " is in " + move.to().storage());
        }
        if (move.to().room().isShort()) {
            return CommandReply.refused(
                    ErrorCode.DISK_FULL, "the disk of " + move.to().storage() + " is full");
        }
        if (current.containsKey(move.id())) {
            return CommandReply.refused(ErrorCode.BUSY, move.name() + " is being moved already");
        }
        if (current.size() >= WAITING_MAX) {
            return CommandReply.refused(ErrorCode.BUSY, current.size() + " moves wait already");
        }
        current.put(move.id(), move.progress());
        publish();
        thread.execute(() -> {
            CommandReply outcome = run(move);
            move.progress().ended(outcome);
            loop.execute(() -> {
                current.remove(move.id());
                over.addLast(move.progress());
                if (over.size() > OVER_MAX) {
                    over.removeFirst();
                }
                publish();
            });
        });
        return CommandReply.OK;
    }

    // ---- on the thread of moves

    private CommandReply run(Move move) {
        LOG.info(
                "{} is to move from {} to {}",
                move.name(),
                move.from().storage(),
                move.to().storage());
        try {
            Optional<PartitionRuntime> runtime = move.from().replica(move.id());
            if (runtime.isEmpty()) {
                return CommandReply.refused(ErrorCode.UNAVAILABLE, move.name() + " does not run here now");
            }
            runtime.get().holdFiles(true).join();
            return copy(move, runtime.get());
        } catch (IOException | CompletionException failed) {
            dropCopy(move);
            LOG.warn("{} stays in {}: {}", move.name(), move.from().storage(), failed.toString());
            return CommandReply.refused(ErrorCode.STORAGE_ERROR, String.valueOf(failed.getMessage()));
        }
    }

    /** So that a copy which did not come to its end takes no room. */
    private static void dropCopy(Move move) {
        move.from().replica(move.id()).ifPresent(runtime -> {
            var unused = runtime.holdFiles(false);
        });
        try {
            new FutureReplicas(move.to().storage().directory().store())
                    .dropUnfinished(move.name(), move.id().topic());
        } catch (IOException alsoFailed) {
            LOG.warn(
                    "{}: what was copied to {} stays until the next start: {}",
                    move.name(),
                    move.to().storage(),
                    alsoFailed.toString());
        }
    }

    private CommandReply copy(Move move, PartitionRuntime runtime) throws IOException {
        PartitionLog log = runtime.log();
        move.progress().copying(log.sizeBytes());
        LogDirectory.Checkpoint before = runtime.state().join();
        if (before == null) {
            return CommandReply.refused(ErrorCode.UNAVAILABLE, move.name() + " does not run here now");
        }
        CopyPace pace = new CopyPace(bytesPerSecond, stopped, move.progress());
        ReplicaCopy copy = new ReplicaCopy(
                new ReplicaCopy.Route(
                        move.name(),
                        move.id().topic(),
                        move.from().storage().directory().store(),
                        move.to().storage().directory().store()),
                pace);
        for (int round = 1; round <= ROUNDS_MAX; round++) {
            Map<Long, Long> segments = new LinkedHashMap<>();
            log.segments().forEach(segment -> segments.put(segment.baseOffset(), segment.sizeBytes()));
            if (copy.round(segments) <= REST_BYTES) {
                break;
            }
        }
        pace.hurry();
        onLoop(() -> hosts.holdBack(move.id(), move.from()));
        try {
            return swap(move, copy, before);
        } finally {
            onLoop(() -> hosts.letGo(move.id()));
        }
    }

    private CommandReply swap(Move move, ReplicaCopy copy, LogDirectory.Checkpoint before) throws IOException {
        LogDirectory.Checkpoint point =
                move.from().replicas().release(move.id()).join();
        boolean isTruncated =
                point.recoveryPoint().truncations() != before.recoveryPoint().truncations();
        try {
            copy.finish(isTruncated);
            move.to().replicas().arrived(move.id(), move.name(), point).join();
        } catch (IOException | CompletionException failed) {
            return goBack(move, CommandReply.refused(ErrorCode.STORAGE_ERROR, String.valueOf(failed.getMessage())));
        }
        CommandReply named = name(move, move.to());
        if (!named.isOk()) {
            return goBack(move, named);
        }
        LOG.info(
                "{} has moved from {} to {}",
                move.name(),
                move.from().storage(),
                move.to().storage());
        return CommandReply.OK;
    }

    /** The replica begins anew where it was; as a leader only in a new epoch. */
    private CommandReply goBack(Move move, CommandReply reason) throws IOException {
        LOG.warn("{} stays in {}: {}", move.name(), move.from().storage(), reason.message());
        move.to().replicas().forgetArrival(move.id(), move.name());
        name(move, move.from());
        return reason;
    }

    /**
     * Has the metadata name the directory, until it is known what became of that. Where that is not known by the time
     * that the broker stops, both copies stay, and the next start asks the metadata.
     */
    private CommandReply name(Move move, DirectoryHosts.Host host) throws IOException {
        DirectoryAssignment assignment = new DirectoryAssignment(move.id(), host.id());
        while (true) {
            BrokerRef ref = new BrokerRef(self, session.brokerEpoch());
            CommandReply reply = session.submit(new MetadataCommand.AssignDirectories(ref, List.of(assignment)))
                    .exceptionally(failure -> CommandReply.refused(ErrorCode.OUTCOME_UNKNOWN, failure.toString()))
                    .join();
            if (reply.isOk() && reply.result() instanceof CommandReply.Parts parts) {
                return parts.replies().get(0);
            }
            if (isStopping()) {
                throw new IOException("the broker stops before it is known which directory counts");
            }
            LOG.info("{}: it is not known yet whether it is in {}: {}", move.name(), host.storage(), reply.message());
        }
    }

    private void onLoop(Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            task.run();
            done.complete(null);
        });
        done.join();
    }

    private boolean isStopping() {
        try {
            return stopped.await(RETRY_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Gives up the move that is under way; whatever it has reached, the next start goes on from that. */
    @Override
    public void close() {
        stopped.countDown();
        thread.close();
    }
}
