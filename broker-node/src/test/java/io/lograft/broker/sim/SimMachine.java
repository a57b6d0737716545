package io.lograft.broker.sim;

import io.lograft.metadata.command.LostReplica;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.FlushMode;
import io.lograft.model.PartitionId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A broker's machine: its disk, and the process that runs on it, if one does. */
final class SimMachine {
    private final SimCluster cluster;
    private final int id;
    private final Map<PartitionId, SimDisk> disks = new TreeMap<>();
    private SimProcess process;
    private int fsyncMaxMs;

    SimMachine(SimCluster cluster, int id) {
        this.cluster = cluster;
        this.id = id;
        healDisk();
    }

    int id() {
        return id;
    }

    /** Null while none runs. */
    SimProcess process() {
        return process;
    }

    boolean isRunning() {
        return process != null;
    }

    SimDisk disk(PartitionId partition, TopicImage topic) {
        return disks.computeIfAbsent(partition, fresh -> new SimDisk(topic.flushMode()));
    }

    /** Null where the broker never had the partition. */
    SimDisk disk(PartitionId partition) {
        return disks.get(partition);
    }

    Map<PartitionId, SimDisk> disks() {
        return disks;
    }

    // ---- life and death

    void start() {
        if (process == null) {
            cluster.world().trace(() -> "broker " + id + " starts");
            disks.values().forEach(disk -> disk.log().recover());
            process = new SimProcess(cluster, this);
        }
    }

    void crash() {
        if (process != null) {
            cluster.world().trace(() -> "broker " + id + " is killed");
            process.kill();
            process = null;
        }
    }

    void losePower() {
        crash();
        cluster.world().trace(() -> "broker " + id + " loses power");
        disks.values().forEach(disk -> disk.losePower(cluster.world()));
    }

    void wipe() {
        crash();
        cluster.world().trace(() -> "broker " + id + " loses its disk");
        disks.values().forEach(SimDisk::wipe);
    }

    // ---- the disk

    void slowDisk(int fsyncMaxMs) {
        this.fsyncMaxMs = fsyncMaxMs;
    }

    void healDisk() {
        fsyncMaxMs = 8;
    }

    long fsyncMs() {
        return cluster.world().between(1, fsyncMaxMs);
    }

    List<LostReplica> lostReplicas() {
        List<LostReplica> lost = new ArrayList<>();
        disks.forEach((partition, disk) -> {
            if (disk.isLost()) {
                boolean tail =
                        disk.log().flushMode() == FlushMode.OS && disk.log().logEndOffset() > 0;
                lost.add(new LostReplica(
                        partition,
                        tail ? LostReplica.Cause.UNFLUSHED_TAIL : LostReplica.Cause.DISK,
                        disk.log().lastEpoch(),
                        disk.log().logEndOffset()));
            }
        });
        return lost;
    }

    /** What is to be done once the metadata know of what is lost now; later losses are none of it. */
    Runnable lossesKnown() {
        Map<SimDisk, Integer> now = new LinkedHashMap<>();
        disks.values().forEach(disk -> now.put(disk, disk.losses()));
        return () -> now.forEach(SimDisk::lossesAreKnown);
    }
}
