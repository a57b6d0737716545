package io.lograft.broker.replica.runtime;

import io.lograft.broker.log.CorruptLogException;
import io.lograft.model.PartitionId;
import java.io.IOException;
import java.util.function.Consumer;

/** Passes on whatever is wrong with the directory. */
public record CollectedFailures(Consumer<? super IOException> failures) implements Ports.StorageFailures {
    @Override
    public void failed(String what, IOException cause) {
        failures.accept(cause);
    }

    @Override
    public void damaged(PartitionId partition, String name, CorruptLogException damage) {
        failures.accept(damage);
    }
}
