package io.lograft.broker.api;

import java.util.concurrent.CompletableFuture;

/** Hands out producer ids that nobody else in the cluster gets. Safe for use by several threads. */
public interface ProducerIds {

    /** A fresh id; fails with a gRPC status exception where the controller cannot be reached in time. */
    CompletableFuture<Long> next();
}
