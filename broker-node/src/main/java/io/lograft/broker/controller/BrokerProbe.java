package io.lograft.broker.controller;

import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.model.BrokerId;
import io.lograft.proto.v1.ControllerServiceGrpc;
import io.lograft.proto.v1.ProbeRequest;
import io.lograft.proto.v1.ProbeResponse;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Asks at a broker's port which process is behind it. Safe for use by several threads. */
final class BrokerProbe {
    private final PeerChannels channels;
    private final long timeoutMs;

    BrokerProbe(PeerChannels channels, long timeoutMs) {
        this.channels = channels;
        this.timeoutMs = timeoutMs;
    }

    /** Calls back once, on a network thread: with the answer, or with nothing where there is none in time. */
    void ask(BrokerId broker, Consumer<Optional<ProbeResponse>> callback) {
        Optional<ManagedChannel> channel = channels.channelTo(broker);
        if (channel.isEmpty()) {
            callback.accept(Optional.empty());
            return;
        }
        channel.get().resetConnectBackoff();
        AtomicBoolean isAnswered = new AtomicBoolean();
        ControllerServiceGrpc.newStub(channel.get())
                .withDeadlineAfter(timeoutMs, TimeUnit.MILLISECONDS)
                .probe(ProbeRequest.getDefaultInstance(), new StreamObserver<>() {
                    @Override
                    public void onNext(ProbeResponse response) {
                        if (isAnswered.compareAndSet(false, true)) {
                            callback.accept(Optional.of(response));
                        }
                    }

                    @Override
                    public void onError(Throwable failure) {
                        if (isAnswered.compareAndSet(false, true)) {
                            callback.accept(Optional.empty());
                        }
                    }

                    @Override
                    public void onCompleted() {
                        // The answer came before.
                    }
                });
    }
}
