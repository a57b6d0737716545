package io.lograft.client.fake;

import io.grpc.BindableService;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.BrokerDescription;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.LeaderHint;
import io.lograft.proto.v1.PartitionDescription;
import io.lograft.proto.v1.TopicDescription;
import io.lograft.proto.v1.WatchMetadataResponse;
import io.lograft.record.DecodedRecord;
import io.lograft.wire.WireBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A cluster in this process: real gRPC servers on loopback, one shared log per partition, and faults on demand. All
 * state is guarded by the cluster's lock.
 */
public final class FakeCluster implements AutoCloseable {
    final AtomicInteger drainCalls = new AtomicInteger();
    final IntFunction<List<BindableService>> moreServices;
    final Map<String, FakeTopic> topics = new LinkedHashMap<>();
    private final List<FakeBroker> brokers = new ArrayList<>();
    public final FakeGroups groups = new FakeGroups(this);
    private final Random ids = new Random(42);
    private Function<TopicPartition, Fault> faults = partition -> Fault.NONE;
    private boolean isHidingAddresses;
    /** What fetch positions said of the last record read, in the order in which they came. */
    public final List<Integer> lastReadEpochs = new CopyOnWriteArrayList<>();

    long index = 1;
    long nextProducerId = 1000;
    String clusterId = "test-cluster";

    /** A topic. */
    static final class FakeTopic {
        final TopicId id;
        final List<FakePartition> partitions = new ArrayList<>();

        FakeTopic(TopicId id) {
            this.id = id;
        }
    }

    public FakeCluster(int brokerCount) {
        this(brokerCount, broker -> List.of());
    }

    /** A cluster whose brokers serve something more; it takes the place of what they serve under the same name. */
    public FakeCluster(int brokerCount, IntFunction<List<BindableService>> moreServices) {
        this.moreServices = moreServices;
        for (int i = 1; i <= brokerCount; i++) {
            brokers.add(new FakeBroker(this, i));
        }
        try {
            for (FakeBroker broker : brokers) {
                broker.start(0);
            }
        } catch (IOException e) {
            throw new IllegalStateException("a server on loopback must start", e);
        }
    }

    /** Addresses of all brokers. */
    public String bootstrap() {
        return String.join(
                ",", brokers.stream().map(b -> "127.0.0.1:" + b.port()).toList());
    }

    public String bootstrap(int broker) {
        return "127.0.0.1:" + broker(broker).port();
    }

    FakeBroker broker(int id) {
        return brokers.get(id - 1);
    }

    public int brokerCount() {
        return brokers.size();
    }

    /** Creates a topic whose partitions are led by the brokers in turn. */
    public synchronized void createTopic(String name, int partitionCount) {
        FakeTopic topic = new FakeTopic(new TopicId(ids.nextLong(), ids.nextLong()));
        for (int i = 0; i < partitionCount; i++) {
            topic.partitions.add(new FakePartition(1 + i % brokers.size()));
        }
        topics.put(name, topic);
        changed();
    }

    /** Makes the topic have so many partitions. */
    public synchronized void addPartitions(String name, int partitionCount) {
        List<FakePartition> partitions = topics.get(name).partitions;
        while (partitions.size() < partitionCount) {
            partitions.add(new FakePartition(1 + partitions.size() % brokers.size()));
        }
        changed();
    }

    public synchronized void deleteTopic(String name) {
        topics.remove(name);
        changed();
    }

    public synchronized int leader(TopicPartition partition) {
        return topics.get(partition.topic()).partitions.get(partition.partition()).leader;
    }

    public synchronized int leaderEpoch(TopicPartition partition) {
        return topics.get(partition.topic()).partitions.get(partition.partition()).leaderEpoch;
    }

    /** Makes another broker the leader; -1 for none. */
    public synchronized void moveLeader(TopicPartition partition, int broker) {
        moveLeaderQuietly(partition, broker);
        changed();
    }

    /** The same, but only refusals tell of it. */
    public synchronized void moveLeaderQuietly(TopicPartition partition, int broker) {
        FakePartition moved = topics.get(partition.topic()).partitions.get(partition.partition());
        moved.leader = broker;
        moved.leaderEpoch++;
    }

    /** Asked for each batch that a leader gets. */
    public synchronized void faults(Function<TopicPartition, Fault> newFaults) {
        faults = newFaults;
    }

    synchronized Fault fault(TopicPartition partition) {
        return faults.apply(partition);
    }

    /** From now on metadata name addresses at which nobody can be reached. */
    public synchronized void hideAddresses() {
        isHidingAddresses = true;
        changed();
    }

    public synchronized void forgetProducers(TopicPartition partition) {
        topics.get(partition.topic()).partitions.get(partition.partition()).forgetProducers();
    }

    /** Drops the records below an offset. */
    public synchronized void deleteRecordsBelow(TopicPartition partition, long offset) {
        topics.get(partition.topic()).partitions.get(partition.partition()).logStart = offset;
    }

    public synchronized List<DecodedRecord> records(TopicPartition partition) {
        return topics.get(partition.topic())
                .partitions
                .get(partition.partition())
                .records();
    }

    /** Breaks all streams of a broker. */
    public void breakStreams(int broker) {
        broker(broker).breakStreams();
    }

    /** From now on the broker takes watches and tells them nothing; completes once it has taken one. */
    public CompletableFuture<Void> ignoreWatches(int broker) {
        return broker(broker).ignoreWatches();
    }

    /** Stops a broker's server. */
    public void kill(int broker) {
        broker(broker).stop();
    }

    /** How many calls came in through relays. */
    public int relayedCalls() {
        return brokers.stream().mapToInt(FakeBroker::relayedCalls).sum();
    }

    synchronized LeaderHint hint(FakePartition partition) {
        LeaderHint.Builder hint = LeaderHint.newBuilder().setLeaderEpoch(partition.leaderEpoch);
        if (partition.leader > 0) {
            hint.setLeader(endpoint(broker(partition.leader)));
        }
        return hint.build();
    }

    synchronized WatchMetadataResponse fullState() {
        WatchMetadataResponse.Builder state = WatchMetadataResponse.newBuilder()
                .setIndex(index)
                .setFull(true)
                .setClusterId(clusterId)
                .setControllerId(1);
        brokers.forEach(broker -> state.addBrokers(describe(broker)));
        topics.forEach((name, topic) -> state.addTopics(describe(name, topic)));
        return state.build();
    }

    synchronized List<BrokerDescription> describeBrokers() {
        return brokers.stream().map(this::describe).toList();
    }

    synchronized TopicDescription describe(String name, FakeTopic topic) {
        TopicDescription.Builder description =
                TopicDescription.newBuilder().setName(name).setTopicId(WireBytes.topicId(topic.id));
        for (int i = 0; i < topic.partitions.size(); i++) {
            FakePartition partition = topic.partitions.get(i);
            description.addPartitions(PartitionDescription.newBuilder()
                    .setPartition(i)
                    .setLeader(partition.leader)
                    .setLeaderEpoch(partition.leaderEpoch)
                    .addReplicas(1)
                    .addIsr(1));
        }
        return description.build();
    }

    /** The topic with this id, or null. */
    synchronized Map.Entry<String, FakeTopic> byId(TopicId id) {
        return topics.entrySet().stream()
                .filter(entry -> entry.getValue().id.equals(id))
                .findFirst()
                .orElse(null);
    }

    synchronized void changed() {
        index++;
        brokers.forEach(FakeBroker::pushMetadata);
        groups.topicsChanged();
    }

    private BrokerDescription describe(FakeBroker broker) {
        return BrokerDescription.newBuilder().setEndpoint(endpoint(broker)).build();
    }

    synchronized BrokerEndpoint endpoint(int broker) {
        return endpoint(broker(broker));
    }

    private BrokerEndpoint endpoint(FakeBroker broker) {
        return BrokerEndpoint.newBuilder()
                .setBrokerId(broker.id())
                .setHost(isHidingAddresses ? "broker-" + broker.id() + ".invalid" : "127.0.0.1")
                .setPort(broker.port())
                .build();
    }

    @Override
    public void close() {
        brokers.forEach(FakeBroker::stop);
    }
}
