package io.lograft.client;

import io.lograft.client.core.BrokerAddress;
import io.lograft.client.serde.Deserializer;
import io.lograft.client.serde.Serializer;
import io.lograft.client.serde.TypedConsumer;
import io.lograft.client.serde.TypedProducer;
import io.lograft.client.transport.Session;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A connection to a Lograft cluster: makes producers, consumers and the admin client, which all share its network thread
 * and its connections, one per broker.
 *
 * <pre>{@code
 * try (Lograft cluster = Lograft.connect("localhost:7400")) {
 *     Producer producer = cluster.producer();
 *     producer.send(ProducerRecord.of("orders", "key", "value"));
 *     Consumer consumer = cluster.consumer("billing").subscribe("orders");
 *     for (ConsumerRecord record : consumer.poll(Duration.ofSeconds(1))) { … }
 *     Admin admin = cluster.admin();
 * }
 * }</pre>
 *
 * <p>May be used by many threads at once; one per application is enough. Connects on first use, so an address at which
 * nobody listens is reported by the first call. {@link #close} closes the producers, which sends what they hold, then
 * the consumers, then the connections.
 */
public final class Lograft implements AutoCloseable {
    private final LograftOptions options;
    private final Session session;
    private final ConcurrentLinkedQueue<Producer> producers = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<NamedProducer> namedProducers = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Consumer> consumers = new ConcurrentLinkedQueue<>();
    private final Admin admin;
    private final AtomicBoolean isClosed = new AtomicBoolean();

    private Lograft(LograftOptions options) {
        this.options = options;
        this.session = new Session(
                BrokerAddress.parseList(options.bootstrap()),
                options.connectTimeout().toMillis());
        this.admin = new Admin(session, options.requestTimeout());
    }

    /** Connects with defaults; {@code bootstrap} is {@code host:port,host:port,…}, of which one live one is enough. */
    public static Lograft connect(String bootstrap) {
        return connect(LograftOptions.of(bootstrap));
    }

    /** Connects. */
    public static Lograft connect(LograftOptions options) {
        return new Lograft(options);
    }

    /** A producer with the safe defaults: idempotent, acks from all in-sync replicas. */
    public Producer producer() {
        return producer(ProducerOptions.defaults());
    }

    /** A producer; several may be open at once. */
    public Producer producer(ProducerOptions producerOptions) {
        checkOpen();
        Producer producer = new Producer(session, producerOptions);
        producers.add(producer);
        return producer;
    }

    /** A producer of objects, with the safe defaults. */
    public <K, V> TypedProducer<K, V> producer(Serializer<K> keys, Serializer<V> values) {
        return producer(keys, values, ProducerOptions.defaults());
    }

    /** A producer of objects. */
    public <K, V> TypedProducer<K, V> producer(
            Serializer<K> keys, Serializer<V> values, ProducerOptions producerOptions) {
        return new TypedProducer<>(producer(producerOptions), keys, values);
    }

    /** A producer whose records are written once by its name and their sequences, whoever sends them again. */
    public NamedProducer namedProducer(String name, ProducerOptions producerOptions) {
        checkOpen();
        NamedProducer producer = new NamedProducer(session, name, producerOptions);
        namedProducers.removeIf(NamedProducer::isClosed);
        namedProducers.add(producer);
        return producer;
    }

    /** A consumer with defaults, without partitions yet. */
    public Consumer consumer() {
        return consumer(ConsumerOptions.defaults());
    }

    /** A consumer without partitions yet; several may be open at once. */
    public Consumer consumer(ConsumerOptions consumerOptions) {
        return newConsumer(null, consumerOptions);
    }

    /** A consumer for a group, with defaults; joins it when it subscribes. */
    public Consumer consumer(String group) {
        return consumer(group, ConsumerOptions.defaults());
    }

    /**
     * A consumer for a group: its committed offsets are where reading starts. Joins it when it subscribes; one that is
     * given its partitions by {@link Consumer#assign} commits without being a member, while the group has none.
     */
    public Consumer consumer(String group, ConsumerOptions consumerOptions) {
        return newConsumer(Objects.requireNonNull(group, "group"), consumerOptions);
    }

    /** A consumer of objects for a group, with defaults. Others are made by {@link TypedConsumer}'s constructor. */
    public <K, V> TypedConsumer<K, V> consumer(String group, Deserializer<K> keys, Deserializer<V> values) {
        return new TypedConsumer<>(consumer(group), keys, values);
    }

    private Consumer newConsumer(String group, ConsumerOptions consumerOptions) {
        checkOpen();
        consumers.removeIf(Consumer::isClosed);
        Consumer consumer = new Consumer(session, group, consumerOptions, options.requestTimeout());
        consumers.add(consumer);
        return consumer;
    }

    /** The admin client, always the same one. */
    public Admin admin() {
        return admin;
    }

    /** Sends what producers hold, and ends all connections. */
    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            producers.forEach(Producer::close);
            namedProducers.forEach(NamedProducer::close);
            consumers.forEach(Consumer::close);
            session.close();
        }
    }

    private void checkOpen() {
        if (isClosed.get()) {
            throw new IllegalStateException("the connection is closed");
        }
    }
}
