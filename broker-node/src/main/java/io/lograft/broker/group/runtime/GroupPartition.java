package io.lograft.broker.group.runtime;

import io.lograft.broker.log.LogRead;
import io.lograft.broker.replica.runtime.PartitionRuntime;
import io.lograft.broker.replica.runtime.ProduceWork;
import io.lograft.broker.replica.runtime.ReadView;
import java.io.IOException;

/**
 * What a coordinator needs of the replica that holds its groups: a broker's own, or a simulated one. Any thread.
 */
interface GroupPartition {
    /** Topic name and partition number, for people. */
    String name();

    /** What may be known of the replica now. */
    ReadView view();

    /** The offset that the next record gets. */
    long logEndOffset();

    /** As {@link PartitionRuntime#read}. */
    LogRead read(long offset, int maxBytes, long endOffset) throws IOException;

    /** As {@link PartitionRuntime#produce}. */
    boolean produce(ProduceWork work);

    /** As {@link PartitionRuntime#readFailed}. */
    void readFailed(IOException failed);

    /** A replica of this broker. */
    static GroupPartition of(PartitionRuntime replica) {
        return new GroupPartition() {
            @Override
            public String name() {
                return replica.name();
            }

            @Override
            public ReadView view() {
                return replica.view();
            }

            @Override
            public long logEndOffset() {
                return replica.log().logEndOffset();
            }

            @Override
            public LogRead read(long offset, int maxBytes, long endOffset) throws IOException {
                return replica.read(offset, maxBytes, endOffset);
            }

            @Override
            public boolean produce(ProduceWork work) {
                return replica.produce(work);
            }

            @Override
            public void readFailed(IOException failed) {
                replica.readFailed(failed);
            }
        };
    }
}
