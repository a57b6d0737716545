import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What bench/many.sh asks of Kafka; see LograftMany. With "spread" the topic is made to force each append to the disk. */
public final class KafkaMany {
    private static final int POLL_MS = 500;
    private static final int WINDOW = 20_000;
    /** Kafka refuses requests that make about 10,000 records of metadata. */
    private static final int PARTITIONS_PER_REQUEST = 5_000;

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[2];
        int partitions = Integer.parseInt(arguments[3]);
        int last = Integer.parseInt(arguments[4]);
        Properties properties = new Properties();
        properties.put("bootstrap.servers", arguments[1]);
        properties.put("request.timeout.ms", "120000");
        properties.put("default.api.timeout.ms", "240000");
        try (Admin admin = Admin.create(properties)) {
            switch (arguments[0]) {
                case "create" -> create(admin, topic, partitions, last, Map.of());
                case "create-forced" -> create(admin, topic, partitions, last, Map.of("flush.messages", "1"));
                case "await" -> await(admin, arguments[1], topic, partitions, last);
                case "spread" -> spread(arguments[1], topic, partitions, last, Integer.parseInt(arguments[5]));
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> producer(String bootstrap) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("key.serializer", ByteArraySerializer.class.getName());
        properties.put("value.serializer", ByteArraySerializer.class.getName());
        properties.put("acks", "all");
        properties.put("buffer.memory", "134217728");
        return new KafkaProducer<>(properties);
    }

    private static void create(Admin admin, String topic, int partitions, int replicas, Map<String, String> settings)
            throws Exception {
        admin.describeCluster().nodes().get();
        long start = System.nanoTime();
        int made = Math.min(partitions, PARTITIONS_PER_REQUEST);
        admin.createTopics(List.of(new NewTopic(topic, made, (short) replicas).configs(settings)))
                .all()
                .get();
        while (made < partitions) {
            made = Math.min(partitions, made + PARTITIONS_PER_REQUEST);
            admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(made)))
                    .all()
                    .get();
        }
        double callMs = (System.nanoTime() - start) / 1e6;
        awaitState(admin, topic, partitions, replicas);
        System.out.printf(Locale.ROOT, "call_ms %.0f sync_ms %.0f%n", callMs, (System.nanoTime() - start) / 1e6);
    }

    private static Map<Integer, Integer> awaitState(Admin admin, String topic, int partitions, int inSync)
            throws InterruptedException {
        while (true) {
            try {
                List<TopicPartitionInfo> all = admin.describeTopics(List.of(topic))
                        .allTopicNames()
                        .get()
                        .get(topic)
                        .partitions();
                Map<Integer, Integer> leaders = new TreeMap<>();
                boolean isReached = all.size() == partitions;
                for (TopicPartitionInfo partition : all) {
                    boolean isLed = partition.leader() != null && !partition.leader().isEmpty();
                    isReached &= isLed && partition.isr().size() >= inSync;
                    leaders.put(isLed ? partition.leader().id() : -1, partition.partition());
                }
                if (isReached) {
                    return leaders;
                }
            } catch (ExecutionException notYet) {
                System.err.println(notYet.getMessage());
            }
            Thread.sleep(POLL_MS);
        }
    }

    private static void await(Admin admin, String bootstrap, String topic, int partitions, int replicas)
            throws Exception {
        Map<Integer, Integer> leaders = awaitState(admin, topic, partitions, 1);
        long led = System.currentTimeMillis();
        try (KafkaProducer<byte[], byte[]> producer = producer(bootstrap)) {
            for (int partition : leaders.values()) {
                producer.send(new ProducerRecord<>(topic, partition, null, new byte[200]))
                        .get();
            }
        }
        long written = System.currentTimeMillis();
        awaitState(admin, topic, partitions, replicas);
        System.out.printf(
                Locale.ROOT,
                "led_at %d written_at %d sync_at %d%n",
                led,
                written,
                System.currentTimeMillis());
    }

    private static void spread(String bootstrap, String topic, int partitions, int records, int rate)
            throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = producer(bootstrap)) {
            run(producer, topic, partitions, Math.max(partitions, records / 10), rate);
            System.out.println(run(producer, topic, partitions, records, rate));
        }
    }

    /** At a rate of 0 flat out with {@value #WINDOW} records under way. */
    private static String run(
            KafkaProducer<byte[], byte[]> producer, String topic, int partitions, int records, int rate)
            throws Exception {
        double[] latencies = new double[records];
        AtomicInteger failed = new AtomicInteger();
        Semaphore window = new Semaphore(WINDOW);
        byte[] value = new byte[200];
        long start = System.nanoTime();
        for (int i = 0; i < records; i++) {
            long due = rate == 0 ? System.nanoTime() : start + (long) (i * 1e9 / rate);
            for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
                LockSupport.parkNanos(due - now);
            }
            window.acquire();
            int index = i;
            long from = due;
            producer.send(new ProducerRecord<>(topic, i % partitions, null, value), (metadata, failure) -> {
                latencies[index] = (System.nanoTime() - from) / 1e6;
                if (failure != null) {
                    failed.incrementAndGet();
                }
                window.release();
            });
        }
        window.acquire(WINDOW);
        double seconds = (System.nanoTime() - start) / 1e9;
        Arrays.sort(latencies);
        return String.format(
                Locale.ROOT,
                "records_s %.0f p50_ms %.1f p99_ms %.1f failed %d",
                records / seconds,
                latencies[records / 2],
                latencies[(int) (records * 0.99)],
                failed.get());
    }
}
