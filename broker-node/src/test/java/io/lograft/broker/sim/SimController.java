package io.lograft.broker.sim;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.control.Decision;
import io.lograft.metadata.control.MetadataControl;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The metadata quorum as its users see it: commands in one order through the real decisions, images pushed to the
 * brokers, and the watch over the brokers' sessions. The quorum itself never fails here; it is only slow or cut off.
 */
final class SimController {
    static final TopicId TOPIC = new TopicId(1, 1);
    private static final long SESSION_TIMEOUT_MS = 3_000;
    private static final long BREAK_GRACE_MS = 300;
    private static final long CHECK_INTERVAL_MS = 100;
    private static final long PREFERRED_INTERVAL_MS = 5_000;

    /** Takes images at a broker. */
    interface Subscriber {
        void learn(ClusterImage image);
    }

    private record Session(UUID incarnation, Subscriber subscriber, SimNetwork.Pipe pipe) {}

    private final SimWorld world;
    private final SimNetwork network;
    private final Map<Integer, Session> sessions = new TreeMap<>();
    private final Map<Integer, Long> lastHeardMs = new TreeMap<>();
    private ClusterImage image = ClusterImage.empty();

    SimController(SimWorld world, SimNetwork network) {
        this.world = world;
        this.network = network;
        command(new MetadataCommand.FormCluster("sim", 1));
        world.after(CHECK_INTERVAL_MS, this::checkSessions);
        world.after(PREFERRED_INTERVAL_MS, this::electPreferred);
    }

    ClusterImage image() {
        return image;
    }

    CommandReply command(MetadataCommand command) {
        long index = image.index() + 1;
        Decision decision = MetadataControl.decide(image, index, command);
        image = image.apply(index, decision.records());
        world.trace(() -> "metadata " + index + ": " + command + " -> "
                + decision.reply().error() + " " + decision.reply().message() + " " + decision.records());
        if (!decision.records().isEmpty()) {
            sessions.keySet().forEach(this::push);
        }
        return decision.reply();
    }

    void createTopic(int partitions, int minimum, FlushMode flushMode) {
        CommandReply reply = command(new MetadataCommand.CreateTopic(
                TOPIC,
                "events",
                partitions,
                3,
                new TreeMap<>(),
                new TopicDefaults(1, 3, minimum, flushMode),
                world.between(0, 1_000),
                false,
                false));
        if (!reply.isOk()) {
            throw new SimulationFailure("the topic cannot be made: " + reply);
        }
    }

    // ---- sessions; called when the message arrives

    void register(int broker, UUID incarnation, Subscriber subscriber) {
        CommandReply reply = command(new MetadataCommand.RegisterBroker(
                new BrokerId(broker),
                incarnation,
                "sim",
                new BrokerAddress("sim", 7400 + broker, ""),
                List.of(new DirectoryId(new UUID(0, broker))),
                true));
        if (reply.error() != ErrorCode.NONE) {
            throw new SimulationFailure("registration refused: " + reply);
        }
        sessions.put(broker, new Session(incarnation, subscriber, network.pipe(SimNetwork.CONTROLLER, broker)));
        lastHeardMs.put(broker, world.nowMs());
        push(broker);
    }

    /** A process tells that it lives, and up to where it knows the metadata. */
    void heartbeat(int broker, UUID incarnation, long knownIndex) {
        Session session = sessions.get(broker);
        if (session != null && session.incarnation.equals(incarnation)) {
            lastHeardMs.put(broker, world.nowMs());
            if (knownIndex < image.index()) {
                push(broker);
            }
        }
    }

    /** The connection of that process broke; it is fenced after a grace unless another process took its place. */
    void sessionBroke(int broker, long brokerEpoch) {
        world.after(BREAK_GRACE_MS, () -> fence(broker, brokerEpoch));
    }

    private void push(int broker) {
        Session session = sessions.get(broker);
        ClusterImage pushed = image;
        session.pipe.send(() -> session.subscriber.learn(pushed));
    }

    private void checkSessions() {
        for (Map.Entry<Integer, Long> heard : lastHeardMs.entrySet()) {
            if (heard.getValue() + SESSION_TIMEOUT_MS <= world.nowMs()) {
                image.broker(new BrokerId(heard.getKey())).ifPresent(broker -> fence(heard.getKey(), broker.epoch()));
            }
        }
        world.after(CHECK_INTERVAL_MS, this::checkSessions);
    }

    private void fence(int broker, long brokerEpoch) {
        boolean live = image.broker(new BrokerId(broker))
                .filter(known -> known.epoch() == brokerEpoch)
                .map(BrokerImage::isLive)
                .orElse(false);
        if (live) {
            command(new MetadataCommand.FenceBrokers(List.of(new BrokerRef(new BrokerId(broker), brokerEpoch))));
        }
    }

    private void electPreferred() {
        command(new MetadataCommand.ElectPreferredLeaders(1));
        world.after(PREFERRED_INTERVAL_MS, this::electPreferred);
    }
}
