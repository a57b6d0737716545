import io.lograft.client.Admin;
import io.lograft.client.Lograft;
import io.lograft.client.LograftException;
import io.lograft.client.NewTopic;
import io.lograft.client.Producer;
import io.lograft.client.ProducerRecord;
import io.lograft.client.TopicDescription;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * What bench/many.sh asks of Lograft; KafkaMany asks the same of Kafka.
 *
 * <pre>
 * create BOOTSTRAP TOPIC PARTITIONS REPLICAS          prints how long the call took, and until all have leader and replicas
 * await  BOOTSTRAP TOPIC PARTITIONS REPLICAS          waits for a leader everywhere and a record at each leader, then for
 *                                                     all replicas in sync; prints the times of the clock
 * spread BOOTSTRAP TOPIC PARTITIONS RECORDS RATE      writes records of 200 bytes to the partitions in turn, acks=all
 * </pre>
 */
public final class LograftMany {
    private static final int POLL_MS = 500;
    private static final int WINDOW = 20_000;

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[2];
        int partitions = Integer.parseInt(arguments[3]);
        int last = Integer.parseInt(arguments[4]);
        try (Lograft cluster = Lograft.connect(arguments[1])) {
            switch (arguments[0]) {
                case "create" -> create(cluster, topic, partitions, last);
                case "await" -> await(cluster, topic, partitions, last);
                case "spread" -> spread(cluster, topic, partitions, last, Integer.parseInt(arguments[5]));
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        }
    }

    private static void create(Lograft cluster, String topic, int partitions, int replicas) throws Exception {
        long start = System.nanoTime();
        try {
            cluster.admin().createTopic(NewTopic.of(topic).withPartitions(partitions).withReplication(replicas));
        } catch (LograftException existsAsTheFirstAnswerWasLost) {
            System.err.println(existsAsTheFirstAnswerWasLost.getMessage());
        }
        double callMs = (System.nanoTime() - start) / 1e6;
        awaitState(cluster.admin(), topic, partitions, replicas);
        System.out.printf(Locale.ROOT, "call_ms %.0f sync_ms %.0f%n", callMs, (System.nanoTime() - start) / 1e6);
    }

    /** Waits until all partitions have a leader and so many replicas in sync; answers a partition of each leader. */
    private static Map<Integer, Integer> awaitState(Admin admin, String topic, int partitions, int inSync)
            throws InterruptedException {
        while (true) {
            try {
                List<TopicDescription.Partition> all = admin.describeTopic(topic).partitions();
                Map<Integer, Integer> leaders = new TreeMap<>();
                all.forEach(partition -> leaders.put(partition.leader(), partition.number()));
                if (all.size() == partitions
                        && all.stream().allMatch(p -> p.leader() >= 0 && p.isr().size() >= inSync)) {
                    return leaders;
                }
            } catch (LograftException notYet) {
                System.err.println(notYet.getMessage());
            }
            Thread.sleep(POLL_MS);
        }
    }

    private static void await(Lograft cluster, String topic, int partitions, int replicas) throws Exception {
        Map<Integer, Integer> leaders = awaitState(cluster.admin(), topic, partitions, 1);
        long led = System.currentTimeMillis();
        Producer producer = cluster.producer();
        for (int partition : leaders.values()) {
            producer.send(ProducerRecord.of(topic, new byte[200]).withPartition(partition)).get();
        }
        long written = System.currentTimeMillis();
        awaitState(cluster.admin(), topic, partitions, replicas);
        System.out.printf(
                Locale.ROOT,
                "led_at %d written_at %d sync_at %d%n",
                led,
                written,
                System.currentTimeMillis());
        producer.close();
    }

    private static void spread(Lograft cluster, String topic, int partitions, int records, int rate) throws Exception {
        try (Producer producer = cluster.producer()) {
            run(producer, topic, partitions, Math.max(partitions, records / 10), rate);
            System.out.println(run(producer, topic, partitions, records, rate));
        }
    }

    /** At a rate of 0 flat out with {@value #WINDOW} records under way. */
    private static String run(Producer producer, String topic, int partitions, int records, int rate) throws Exception {
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
            CompletableFuture<?> sent = producer.send(ProducerRecord.of(topic, value).withPartition(i % partitions));
            sent.whenComplete((metadata, failure) -> {
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
