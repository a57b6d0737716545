package io.lograft.broker.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.WatchMetadataRequest;
import io.lograft.proto.v1.WatchMetadataResponse;
import io.lograft.wire.GrpcErrors;
import java.util.LinkedHashSet;
import java.util.Set;

/** All clients that are told of changes. {@link #changed} is called on the metadata loop, the rest by any thread. */
public final class MetadataWatches {
    private static final int WATCHES_MAX = 10_000;

    private final ClusterState state;
    private final EventLoop loop;
    // Owned by the loop.
    private final Set<MetadataWatch> watches = new LinkedHashSet<>();

    /** Serves from this state; the loop is the one on which the image changes. */
    public MetadataWatches(ClusterState state, EventLoop loop) {
        this.state = state;
        this.loop = loop;
    }

    /** The image or the controller is another. Metadata loop. */
    public void changed() {
        watches.forEach(MetadataWatch::update);
    }

    void add(WatchMetadataRequest request, ServerCallStreamObserver<WatchMetadataResponse> client) {
        MetadataWatch watch = new MetadataWatch(state, request, client);
        client.setOnReadyHandler(() -> loop.execute(watch::update));
        client.setOnCancelHandler(() -> loop.execute(() -> watches.remove(watch)));
        boolean isTaken = loop.tryExecute(() -> {
            if (watches.size() >= WATCHES_MAX) {
                client.onError(GrpcErrors.exception(ErrorCode.BUSY, WATCHES_MAX + " clients watch the metadata"));
                return;
            }
            if (!client.isCancelled()) {
                watches.add(watch);
                watch.update();
            }
        });
        if (!isTaken) {
            client.onError(GrpcErrors.exception(ErrorCode.BUSY, "the metadata loop has too much to do"));
        }
    }
}
