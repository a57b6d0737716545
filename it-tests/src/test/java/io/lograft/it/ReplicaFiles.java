package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.log.LogVerifier;
import io.lograft.broker.log.io.NioFileStore;
import io.lograft.client.Lograft;
import io.lograft.client.TopicDescription;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares the files of all replicas of a topic, once their brokers are stopped. Immutable. */
public final class ReplicaFiles {
    private final Map<TopicPartition, List<Integer>> replicas;
    private final Map<TopicPartition, Long> ends;

    private ReplicaFiles(Map<TopicPartition, List<Integer>> replicas, Map<TopicPartition, Long> ends) {
        this.replicas = replicas;
        this.ends = ends;
    }

    /** Asks the cluster where the replicas are and up to where they are committed; nothing may be written afterwards. */
    public static ReplicaFiles of(Lograft cluster, String topic) {
        Map<TopicPartition, List<Integer>> replicas = new HashMap<>();
        for (TopicDescription.Partition partition :
                cluster.admin().describeTopic(topic).partitions()) {
            replicas.put(new TopicPartition(topic, partition.number()), partition.replicas());
        }
        return new ReplicaFiles(replicas, cluster.admin().endOffsets(replicas.keySet()));
    }

    /** Every checksum and index entry is good, and below the committed end all replicas have the same batches. */
    public void assertSameEverywhere(ClusterProcesses brokers) throws IOException {
        long records = 0;
        for (TopicPartition partition : replicas.keySet()) {
            records += assertSameEverywhere(brokers, partition, ends.get(partition));
        }
        System.out.println("verified the files of all replicas of " + ends.size() + " partitions: the same " + records
                + " records everywhere");
    }

    private long assertSameEverywhere(ClusterProcesses brokers, TopicPartition partition, long end) throws IOException {
        assertThat(end).as("end of " + partition).isPositive();
        Map<Integer, Integer> contents = new HashMap<>();
        for (int id : replicas.get(partition)) {
            Path files = brokers.logDirectory(id).resolve(partition.toString());
            assertThat(Files.isDirectory(files)).as(files.toString()).isTrue();
            LogVerifier.Summary summary =
                    LogVerifier.verify(new NioFileStore(brokers.logDirectory(id)), partition.toString(), 0, end);
            assertThat(summary.problems()).as("broker " + id + ", " + partition).isEmpty();
            assertThat(summary.firstOffset()).isZero();
            assertThat(summary.nextOffset())
                    .as("broker " + id + ", " + partition)
                    .isGreaterThanOrEqualTo(end);
            contents.put(id, summary.contentCrc());
        }
        assertThat(contents.values().stream().distinct().count())
                .as("different checksums by broker of %s below offset %d: %s", partition, end, contents)
                .isEqualTo(1);
        return end;
    }
}
