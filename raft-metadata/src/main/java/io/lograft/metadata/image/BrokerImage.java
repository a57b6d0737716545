package io.lograft.metadata.image;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.MetadataRecord.BrokerRecord;
import io.lograft.model.BrokerId;
import java.util.UUID;

/** A registered broker; the components are those of {@link BrokerRecord}. */
public record BrokerImage(
        BrokerId id,
        long epoch,
        UUID incarnation,
        BrokerAddress address,
        BrokerDirectories directories,
        boolean fenced,
        boolean draining,
        long lastUnfencedEpoch) {

    static BrokerImage of(BrokerRecord record) {
        return new BrokerImage(
                record.id(),
                record.epoch(),
                record.incarnation(),
                record.address(),
                record.directories(),
                record.fenced(),
                record.draining(),
                record.lastUnfencedEpoch());
    }

    public BrokerRecord toRecord() {
        return new BrokerRecord(id, epoch, incarnation, address, directories, fenced, draining, lastUnfencedEpoch);
    }

    public BrokerImage withFenced() {
        return new BrokerImage(id, epoch, incarnation, address, directories, true, draining, lastUnfencedEpoch);
    }

    /** Its state after it was let in: not fenced, and this registration is the newest that ever was. */
    public BrokerImage withUnfenced() {
        return new BrokerImage(id, epoch, incarnation, address, directories.letIn(), false, draining, epoch);
    }

    public BrokerImage withDirectories(BrokerDirectories changed) {
        return new BrokerImage(id, epoch, incarnation, address, changed, fenced, draining, lastUnfencedEpoch);
    }

    public BrokerImage withDraining() {
        return new BrokerImage(id, epoch, incarnation, address, directories, fenced, true, lastUnfencedEpoch);
    }

    /** This registration. */
    public BrokerRef ref() {
        return new BrokerRef(id, epoch);
    }

    public boolean isLive() {
        return !fenced;
    }

    /** True where it may get new replicas, join in-sync sets and take over leadership. */
    public boolean isAvailable() {
        return !fenced && !draining;
    }

    /** True after an orderly stop: it was drained first, then left. */
    public boolean isStoppedOrderly() {
        return fenced && draining;
    }

    /** True where a replica in that directory can be used; one without a directory is wherever the broker puts it. */
    public boolean hasDirectory(DirectoryId directory) {
        return directories.isUsable(directory);
    }

    /** True where its replica in that directory may join an in-sync set and take over leadership. */
    public boolean isAvailable(DirectoryId directory) {
        return isAvailable() && directories.isUsable(directory) && directories.hasRoom(directory);
    }

    /** True where it may get new replicas: it is available, and one of its directories takes records. */
    public boolean isAvailableForMore() {
        return isAvailable() && directories.hasRoom(DirectoryId.UNASSIGNED);
    }
}
