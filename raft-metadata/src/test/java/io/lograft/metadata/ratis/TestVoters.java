package io.lograft.metadata.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** Voters in this JVM, on free loopback ports, with directories below one temporary directory. */
final class TestVoters implements AutoCloseable {
    /** Generous, since a machine that has much else to do may stand still for seconds. */
    private static final long DEADLINE_MS = 60_000;

    private final Path root;
    private final List<VoterAddress> addresses;
    private final QuorumTimings timings;
    private final QuorumConfig.Limits limits;
    private final List<Voter> formation = new ArrayList<>();
    private final Map<Integer, MetadataQuorum> running = new TreeMap<>();
    final Map<Integer, Recorder> recorders = new TreeMap<>();

    /** What a voter's listeners heard. */
    static final class Recorder implements CommittedListener, LeadershipListener {
        final ConcurrentLinkedQueue<String> leadership = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<Throwable> fatal = new ConcurrentLinkedQueue<>();
        final ConcurrentLinkedQueue<String> outOfOrder = new ConcurrentLinkedQueue<>();
        volatile ClusterImage image = ClusterImage.empty();
        final AtomicInteger imagesReplaced = new AtomicInteger();
        final AtomicInteger serverStops = new AtomicInteger();
        volatile VoterSet voters = VoterSet.UNKNOWN;

        @Override
        public void onCommitted(long index, long previousIndex, List<MetadataRecord> records, ClusterImage now) {
            if (previousIndex != image.index() || !image.apply(index, records).equals(now)) {
                outOfOrder.add("change " + index + " after " + previousIndex + " came on " + image);
            }
            image = now;
        }

        @Override
        public void onImage(ClusterImage now) {
            image = now;
            imagesReplaced.incrementAndGet();
        }

        @Override
        public void becameController(long term) {
            leadership.add("became");
        }

        @Override
        public void lostController() {
            leadership.add("lost");
        }

        @Override
        public void votersChanged(VoterSet now) {
            voters = now;
        }

        @Override
        public void serverStopped() {
            serverStops.incrementAndGet();
        }
    }

    TestVoters(Path root, int count, QuorumTimings timings, QuorumConfig.Limits limits) throws IOException {
        this(root, count, count, timings, limits);
    }

    /** Of {@code count} brokers the first {@code founders} form the quorum; the others may join. */
    TestVoters(Path root, int founders, int count, QuorumTimings timings, QuorumConfig.Limits limits)
            throws IOException {
        this.root = root;
        this.timings = timings;
        this.limits = limits;
        List<VoterAddress> made = new ArrayList<>();
        for (int port : freePorts(count)) {
            made.add(new VoterAddress(new BrokerId(made.size() + 1), "127.0.0.1", port, port - 1));
        }
        this.addresses = made;
        for (VoterAddress address : addresses.subList(0, founders)) {
            QuorumDirectory directory =
                    QuorumDirectory.open(dir(address.broker().value()), address.broker());
            formation.add(new Voter(address, directory.directoryId()));
        }
    }

    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            sockets.add(socket);
            ports.add(socket.getLocalPort());
        }
        for (ServerSocket socket : sockets) {
            socket.close();
        }
        return ports;
    }

    Path dir(int id) {
        return root.resolve("voter-" + id);
    }

    QuorumConfig config(int id) {
        return new QuorumConfig(addresses.get(id - 1), addresses, dir(id), "127.0.0.1", timings, limits);
    }

    MetadataQuorum start(int id) throws IOException {
        Recorder recorder = new Recorder();
        recorders.put(id, recorder);
        QuorumDirectory directory = QuorumDirectory.open(dir(id), new BrokerId(id));
        MetadataQuorum quorum = MetadataQuorum.start(
                config(id),
                directory,
                directory.formation().orElse(formation),
                new MetadataQuorum.Listeners(recorder, recorder, recorder.fatal::add));
        running.put(id, quorum);
        return quorum;
    }

    void startAll() throws IOException {
        for (Voter founder : formation) {
            start(founder.address().broker().value());
        }
    }

    void stop(int id) throws IOException {
        running.remove(id).close();
    }

    /** Adds a broker that runs, or takes one out; returns what became of it. */
    CommandReply change(int id, boolean isAdded) throws Exception {
        MetadataQuorum quorum = controller();
        VoterSet present = quorum.voters();
        List<Voter> wanted = new ArrayList<>(present.voters());
        wanted.removeIf(voter -> voter.address().broker().value() == id);
        if (isAdded) {
            wanted.add(running.get(id).self());
        }
        return quorum.setVoters(present, wanted, DEADLINE_MS).get(DEADLINE_MS, TimeUnit.MILLISECONDS);
    }

    MetadataQuorum voter(int id) {
        return running.get(id);
    }

    /** The id of the running voter that is the controller, once there is one. */
    int awaitController() {
        await("a controller", () -> running.values().stream().anyMatch(MetadataQuorum::isController));
        return running.entrySet().stream()
                .filter(voter -> voter.getValue().isController())
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    int awaitControllerOtherThan(int old) {
        await(
                "a controller other than " + old,
                () -> running.entrySet().stream()
                        .anyMatch(voter ->
                                voter.getKey() != old && voter.getValue().isController()));
        return running.entrySet().stream()
                .filter(voter -> voter.getKey() != old && voter.getValue().isController())
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    MetadataQuorum controller() {
        return running.get(awaitController());
    }

    /** All running voters have the same image, of at least that index. */
    void awaitAgreement(long index) {
        await(
                "all voters at index " + index + ": "
                        + running.values().stream().map(MetadataQuorum::image).toList(),
                () -> running.values().stream().allMatch(voter -> voter.image().index() >= index));
        List<ClusterImage> images =
                running.values().stream().map(MetadataQuorum::image).distinct().toList();
        assertThat(images).hasSize(1);
        recorders.values().forEach(recorder -> assertThat(recorder.outOfOrder).isEmpty());
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE_MS * 1_000_000;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long for %s", what).isLessThan(deadline);
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        running.values().parallelStream().forEach(quorum -> {
            try {
                quorum.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
