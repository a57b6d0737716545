package io.lograft.broker.app.storage;

import io.lograft.broker.cluster.BrokerSession;
import io.lograft.broker.cluster.LostReplicas;
import io.lograft.broker.cluster.ReplicaKeeper;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.replica.runtime.DiskRoom;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.broker.replica.runtime.ReplicaHost;
import io.lograft.broker.replica.runtime.ReplicaSpec;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.DirectoryAssignment;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what the metadata say about a replica to the directory that they name, and chooses one where they name none. A
 * replica is made only once the metadata name its directory: one whose directory is gone can then not be taken for one
 * that has nothing yet. A directory that fails takes its own replicas offline; the last one that fails ends the broker.
 *
 * <p>Owned by: metadata loop, but for what says otherwise.
 */
public final class DirectoryHosts implements ReplicaKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(DirectoryHosts.class);
    private static final long RETRY_MS = 1_000;

    /** A directory with its replicas. */
    public record Host(LogStorage storage, ReplicaHost replicas, DiskRoom room) {
        DirectoryId id() {
            return storage.directoryId();
        }

        /** The replica, if it runs in this directory. Any thread. */
        Optional<PartitionRuntime> replica(PartitionId partition) {
            return replicas.replicas().stream()
                    .filter(runtime -> runtime.id().equals(partition))
                    .findFirst();
        }
    }

    private final BrokerId self;
    private final BrokerSession session;
    private final EventLoop loop;
    private final LogStorages storages;
    private final Map<DirectoryId, Host> hosts = new LinkedHashMap<>();
    private final Consumer<Throwable> fatal;
    private final DirectoryReporter reporter;
    private final Map<PartitionId, Host> placed = new HashMap<>();
    /** Ends of replicas that are under way: none begins in another directory before. */
    private final Map<PartitionId, CompletableFuture<Void>> ending = new HashMap<>();
    /** What was wanted of each replica last. */
    private final Map<PartitionId, ReplicaSpec> wanted = new HashMap<>();
    /** Replicas that have ended in a directory, and must not begin there again before it is known where they go on. */
    private final Map<PartitionId, Host> heldBack = new HashMap<>();
    /** Replicas for which a directory was chosen that the metadata do not name yet. */
    private final Map<PartitionId, DirectoryId> chosen = new LinkedHashMap<>();

    private final List<DirectoryAssignment> untold = new ArrayList<>();
    /** The directories when the first of those untold was chosen. */
    private List<DirectoryChoice.Candidate> measured = List.of();

    /** Has no directory yet. */
    public DirectoryHosts(
            BrokerId self, BrokerSession session, EventLoop loop, LogStorages storages, Consumer<Throwable> fatal) {
        this.self = self;
        this.session = session;
        this.loop = loop;
        this.storages = storages;
        this.fatal = fatal;
        this.reporter = new DirectoryReporter(self, session, loop, storages::failed, this::withoutRoom);
    }

    /** Adds a directory; before anything else. */
    public void add(Host host) {
        hosts.put(host.id(), host);
    }

    /** All directories that could be opened. Any thread. */
    public Collection<Host> all() {
        return hosts.values();
    }

    /** Those that can be used. Any thread. */
    public List<Host> usable() {
        return hosts.values().stream()
                .filter(host -> storages.isUsable(host.id()))
                .toList();
    }

    /** Directories that refuse records as their disks are full. Any thread. */
    public int fullCount() {
        return withoutRoom().size();
    }

    /** Keeps so many bytes of each disk from being taken by records. Any thread. */
    public void withhold(long bytes) {
        hosts.values().forEach(host -> host.room().withhold(bytes));
    }

    /** What an operator should know of them; empty where all have room. Any thread. */
    public String note() {
        List<String> full = usable().stream()
                .filter(host -> host.room().isShort())
                .map(host -> host.storage().toString())
                .toList();
        return full.isEmpty() ? "" : "disk full, records are refused: " + String.join(", ", full);
    }

    private Set<DirectoryId> withoutRoom() {
        Set<DirectoryId> without = new HashSet<>();
        usable().stream().filter(host -> host.room().isShort()).forEach(host -> without.add(host.id()));
        return without;
    }

    // ---- the start and the stop

    /** What was found in the directories that can be used. */
    public record Recovered(Map<DirectoryId, ReplicaHost.Recovered> directories) {
        /** Logs that can be used. */
        public int logCount() {
            return directories.values().stream()
                    .mapToInt(found -> found.logs().size())
                    .sum();
        }

        /** Logs that cannot. */
        public int damagedCount() {
            return directories.values().stream()
                    .mapToInt(found -> found.damaged().size() + found.nameless().size())
                    .sum();
        }
    }

    /** Opens all logs of all directories at the same time; one whose logs cannot be opened is offline. Any thread. */
    public CompletableFuture<Recovered> recover(LogConfig config) {
        Map<DirectoryId, CompletableFuture<ReplicaHost.Recovered>> asked = new LinkedHashMap<>();
        hosts.forEach((id, host) ->
                asked.put(id, host.replicas().recover(name -> config).exceptionally(failure -> {
                    failed(id, "the logs cannot be opened", failure);
                    return null;
                })));
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture[]::new))
                .thenApply(nothing -> {
                    Map<DirectoryId, ReplicaHost.Recovered> found = new LinkedHashMap<>();
                    asked.forEach((id, one) -> {
                        if (one.join() != null) {
                            found.put(id, one.join());
                        }
                    });
                    return new Recovered(found);
                });
    }

    /** What this broker cannot vouch for, and the directories that lack something. Any thread. */
    public List<LostReplicas.Directory> inventory(ClusterImage image, Recovered recovered) {
        List<LostReplicas.Directory> directories = new ArrayList<>();
        for (Host host : usable()) {
            ReplicaHost.Recovered found = recovered.directories().get(host.id());
            if (found != null) {
                Map<PartitionId, LostReplicas.LogState> states = new HashMap<>();
                found.logs().forEach((id, log) -> states.put(id, LostReplicas.LogState.of(log)));
                Set<PartitionId> damaged = new HashSet<>(found.damaged());
                damaged.addAll(LostReplicas.byName(image, found.nameless()));
                directories.add(
                        new LostReplicas.Directory(host.id(), host.storage().found(), states, damaged));
            }
        }
        return directories;
    }

    /** Completes once the metadata know of the directories that have failed by now. Any thread. */
    public CompletableFuture<Void> failuresTold(long brokerEpoch) {
        return reporter.failuresTold(brokerEpoch);
    }

    /** True where all directories that are configured can be used. Any thread. */
    public boolean isComplete() {
        return storages.isComplete();
    }

    /** Writes to each directory that can be used; one that cannot be written to fails. Any thread. */
    public CompletableFuture<Void> onEach(Recording recording) {
        List<CompletableFuture<Void>> written = new ArrayList<>();
        for (Host host : usable()) {
            written.add(host.replicas().onDirectory(() -> {
                try {
                    recording.run(host.storage());
                } catch (IOException failed) {
                    failed(host.id(), "the registration", failed);
                }
            }));
        }
        return CompletableFuture.allOf(written.toArray(CompletableFuture[]::new));
    }

    /** Something that is written to a directory. */
    public interface Recording {
        void run(LogStorage storage) throws IOException;
    }

    /** Writes the checkpoints of all directories. Any thread. */
    public void checkpoint() {
        usable().forEach(host -> host.replicas().checkpoint());
    }

    /** The orderly stop of all directories; fails where one cannot be marked as cleanly stopped. Any thread. */
    public CompletableFuture<Void> stopCleanly() {
        return CompletableFuture.allOf(hosts.values().stream()
                .map(host -> host.replicas().stopCleanly())
                .toArray(CompletableFuture[]::new));
    }

    // ---- failures

    /** A directory has failed. Any thread. */
    public void failed(DirectoryId id, String what, Throwable cause) {
        if (!storages.fail(id)) {
            return;
        }
        Host host = hosts.get(id);
        LOG.error(
                "{}: log directory {} has failed, its replicas are offline: {}",
                what,
                host.storage(),
                cause.toString());
        host.replicas().abandon();
        if (storages.usable().isEmpty()) {
            // With its last directory gone the broker can do nothing but end; its peers take over.
            fatal.accept(cause);
        }
    }

    /** As {@link ReplicaHost#giveUp}. */
    public CompletableFuture<Void> giveUp(PartitionId partition, String reason) {
        Host host = placed.get(partition);
        return host == null
                ? CompletableFuture.completedFuture(null)
                : host.replicas().giveUp(partition, reason);
    }

    /** As {@link ReplicaHost#letBeMadeAnew}. */
    public void letBeMadeAnew(PartitionId partition, long lastBrokerEpoch) {
        Optional.ofNullable(placed.get(partition))
                .ifPresent(host -> host.replicas().letBeMadeAnew(partition, lastBrokerEpoch));
    }

    // ---- what the metadata say

    @Override
    public void configure(ReplicaSpec spec, DirectoryId directory) {
        PartitionId id = spec.id();
        if (!directory.isAssigned()) {
            choose(id);
            return;
        }
        chosen.remove(id);
        wanted.put(id, spec);
        Host target = hosts.get(directory);
        if (target != null && target.equals(heldBack.get(id))) {
            return;
        }
        Host former = placed.get(id);
        if (former != null && !former.equals(target)) {
            placed.remove(id);
            end(former, id, spec.name());
        }
        if (target != null) {
            placed.put(id, target);
            CompletableFuture<Void> before = ending.get(id);
            if (before == null) {
                target.replicas().configure(spec);
            } else {
                note(id, before.thenRun(() -> target.replicas().configure(spec)));
            }
        }
    }

    /** Behind what was asked of another directory before, if that is not done yet. */
    private void end(Host host, PartitionId id, TopicPartition name) {
        CompletableFuture<Void> before = ending.get(id);
        note(
                id,
                before == null
                        ? host.replicas().remove(id, name)
                        : before.thenCompose(nothing -> host.replicas().remove(id, name)));
    }

    private void note(PartitionId id, CompletableFuture<Void> end) {
        ending.put(id, end);
        end.whenComplete((nothing, failure) -> loop.execute(() -> ending.remove(id, end)));
    }

    @Override
    public void remove(PartitionId partition, TopicPartition name) {
        chosen.remove(partition);
        wanted.remove(partition);
        Host host = placed.remove(partition);
        if (host != null) {
            end(host, partition, name);
        }
    }

    @Override
    public void removeUnknown(Map<PartitionId, DirectoryId> known) {
        for (Host host : hosts.values()) {
            Set<PartitionId> here = new HashSet<>();
            known.forEach((id, directory) -> {
                if (directory.equals(host.id())) {
                    here.add(id);
                }
            });
            host.replicas().removeUnknown(here);
        }
    }

    /** The replica is about to end in that directory. */
    void holdBack(PartitionId partition, Host host) {
        heldBack.put(partition, host);
    }

    /** It is known where the replica goes on: there it begins again. */
    void letGo(PartitionId partition) {
        heldBack.remove(partition);
        ReplicaSpec spec = wanted.get(partition);
        if (spec != null) {
            session.image()
                    .partition(partition)
                    .flatMap(found -> found.replica(self))
                    .ifPresent(replica -> configure(spec, replica.directory()));
        }
    }

    /** Which directory holds the replica. */
    Optional<Host> hostOf(PartitionId partition) {
        return Optional.ofNullable(placed.get(partition));
    }

    private void choose(PartitionId id) {
        if (chosen.containsKey(id)) {
            return;
        }
        Map<DirectoryId, Integer> planned = new HashMap<>();
        chosen.values().forEach(directory -> planned.merge(directory, 1, Integer::sum));
        if (untold.isEmpty()) {
            measured = usable().stream().map(this::measure).toList();
        }
        List<DirectoryChoice.Candidate> candidates = measured.stream()
                .map(candidate -> candidate.withPlanned(planned.getOrDefault(candidate.id(), 0)))
                .toList();
        DirectoryChoice.of(candidates).ifPresent(directory -> {
            chosen.put(id, directory);
            if (untold.isEmpty()) {
                // With all that are chosen in the same turn, such as the other partitions of the topic.
                loop.execute(this::tellChoices);
            }
            untold.add(new DirectoryAssignment(id, directory));
        });
    }

    /** With what is being made there as planned. A replica that is in the in-sync set has got its records. */
    private DirectoryChoice.Candidate measure(Host host) {
        ClusterImage image = session.image();
        long fullBytes = 0;
        int fullCount = 0;
        List<Long> filling = new ArrayList<>();
        Set<PartitionId> toBeMade = new HashSet<>();
        placed.forEach((id, at) -> {
            if (at.equals(host)) {
                toBeMade.add(id);
            }
        });
        for (PartitionRuntime runtime : host.replicas().replicas()) {
            toBeMade.remove(runtime.id());
            long bytes = runtime.log().sizeBytes();
            boolean isFull = image.partition(runtime.id())
                    .filter(partition -> partition.isr().contains(self))
                    .isPresent();
            if (isFull) {
                fullBytes += bytes;
                fullCount++;
            } else {
                filling.add(bytes);
            }
        }
        return new DirectoryChoice.Candidate(
                host.id(),
                fullBytes,
                fullCount,
                filling,
                toBeMade.size(),
                !host.room().isShort());
    }

    /** Bytes of all replicas in a directory. Any thread. */
    static long sizeBytes(Host host) {
        return host.replicas().replicas().stream()
                .map(PartitionRuntime::log)
                .mapToLong(log -> log.sizeBytes())
                .sum();
    }

    private void tellChoices() {
        List<DirectoryAssignment> told = List.copyOf(untold);
        untold.clear();
        session.submit(new MetadataCommand.AssignDirectories(new BrokerRef(self, session.brokerEpoch()), told))
                // The metadata show what became of it; what they still lack is chosen anew.
                .whenComplete((reply, failure) -> loop.schedule(RETRY_MS, () -> chooseAgain(told)));
    }

    private void chooseAgain(List<DirectoryAssignment> told) {
        for (DirectoryAssignment assignment : told) {
            if (chosen.remove(assignment.partition(), assignment.directory())) {
                boolean isWanted = session.image()
                        .partition(assignment.partition())
                        .flatMap(partition -> partition.replica(self))
                        .filter(replica -> !replica.directory().isAssigned())
                        .isPresent();
                if (isWanted) {
                    choose(assignment.partition());
                }
            }
        }
    }
}
