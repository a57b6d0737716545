package io.lograft.broker.controller;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.model.BrokerId;
import io.lograft.proto.v1.ControllerServiceGrpc;
import io.lograft.proto.v1.ProbeRequest;
import io.lograft.proto.v1.ProbeResponse;
import java.net.ConnectException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Asks at a broker's port which process is behind it. Safe for use by several threads. */
final class BrokerProbe {
    private static final long RETRY_MS = 10;

    private final EventLoop loop;
    private final PeerChannels channels;
    private final long timeoutMs;

    /** What was found at the port. */
    sealed interface Finding {
        /** A broker answered. */
        record Answered(ProbeResponse response) implements Finding {}

        /** The host is up and says that nothing listens there: the process is gone. */
        record NobodyListens() implements Finding {}

        /** Nothing came in time, or nothing that means anything. */
        record Silence() implements Finding {}

        /** The answer, where there is one. */
        default Optional<ProbeResponse> answer() {
            return this instanceof Answered answered ? Optional.of(answered.response()) : Optional.empty();
        }
    }

    /** Callbacks come on the loop. */
    BrokerProbe(EventLoop loop, PeerChannels channels, long timeoutMs) {
        this.loop = loop;
        this.channels = channels;
        this.timeoutMs = timeoutMs;
    }

    /** Calls back once, on the loop. */
    void ask(BrokerId broker, Consumer<Finding> callback) {
        loop.execute(() -> new Attempts(broker, callback).next());
    }

    /** True where the other host refused the connection, which takes a host that is up and a port without listener. */
    static boolean isRefusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException
                    && String.valueOf(cause.getMessage()).contains("refused")) {
                return true;
            }
        }
        return false;
    }

    /** The attempts at one question: a connection that breaks, as those of a dying process do, is followed by another. */
    private final class Attempts {
        private final BrokerId broker;
        private final Consumer<Finding> callback;
        private final long deadlineMs = loop.clock().nowMs() + timeoutMs;
        private boolean isOver;

        private Attempts(BrokerId broker, Consumer<Finding> callback) {
            this.broker = broker;
            this.callback = callback;
        }

        private void next() {
            Optional<ManagedChannel> channel = channels.channelTo(broker);
            long leftMs = deadlineMs - loop.clock().nowMs();
            if (channel.isEmpty() || leftMs <= 0) {
                end(new Finding.Silence());
                return;
            }
            channel.get().resetConnectBackoff();
            ControllerServiceGrpc.newStub(channel.get())
                    .withDeadlineAfter(leftMs, TimeUnit.MILLISECONDS)
                    .probe(ProbeRequest.getDefaultInstance(), new StreamObserver<>() {
                        @Override
                        public void onNext(ProbeResponse response) {
                            loop.execute(() -> end(new Finding.Answered(response)));
                        }

                        @Override
                        public void onError(Throwable failure) {
                            loop.execute(() -> failed(failure));
                        }

                        @Override
                        public void onCompleted() {
                            // The answer came before.
                        }
                    });
        }

        private void failed(Throwable failure) {
            if (isRefusal(failure)) {
                end(new Finding.NobodyListens());
            } else if (Status.fromThrowable(failure).getCode() == Status.Code.UNAVAILABLE) {
                loop.schedule(RETRY_MS, this::next);
            } else {
                end(new Finding.Silence());
            }
        }

        private void end(Finding finding) {
            if (!isOver) {
                isOver = true;
                callback.accept(finding);
            }
        }
    }
}
