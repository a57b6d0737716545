package io.lograft.broker.transport;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.function.BooleanSupplier;

/**
 * One relayed call: what comes in on either side goes out on the other, and the next message is asked for only when
 * the other side takes more. Callbacks of the two sides come on different network threads; each sends on the opposite
 * call only, so neither call is sent on by two threads.
 */
final class RelayedCall {
    private final ServerCall<byte[], byte[]> client;
    private final ClientCall<byte[], byte[]> target;
    private final Throttle fromClient = new Throttle();
    private final Throttle fromTarget = new Throttle();

    private RelayedCall(ServerCall<byte[], byte[]> client, ClientCall<byte[], byte[]> target) {
        this.client = client;
        this.target = target;
    }

    /**
     * Opens the outgoing call and joins the two. The headers go out first: the outgoing call may end before {@code start}
     * has returned, where its channel has just failed to connect, and then the incoming one is closed, too.
     */
    static ServerCall.Listener<byte[]> start(
            ServerCall<byte[], byte[]> client, Channel channel, MethodDescriptor<byte[], byte[]> method) {
        CallOptions options = CallOptions.DEFAULT.withDeadline(Context.current().getDeadline());
        ClientCall<byte[], byte[]> target = channel.newCall(method, options);
        RelayedCall relayed = new RelayedCall(client, target);
        client.sendHeaders(new Metadata());
        target.start(relayed.new TargetListener(), new Metadata());
        target.request(1);
        client.request(1);
        return relayed.new ClientListener();
    }

    /** Remembers that a message is to be asked for once the other side is ready. */
    private static final class Throttle {
        private boolean isWaiting;

        /**
         * True where the next message may be asked for now. Readiness is looked up under the lock: were it looked up
         * before, the call could become ready in between, and nobody would ask again.
         */
        synchronized boolean passed(BooleanSupplier readiness) {
            boolean isReady = readiness.getAsBoolean();
            isWaiting = !isReady;
            return isReady;
        }

        /** True where a message was held back until now. */
        synchronized boolean ready() {
            boolean was = isWaiting;
            isWaiting = false;
            return was;
        }
    }

    private final class ClientListener extends ServerCall.Listener<byte[]> {
        @Override
        public void onMessage(byte[] message) {
            target.sendMessage(message);
            if (fromClient.passed(target::isReady)) {
                client.request(1);
            }
        }

        @Override
        public void onHalfClose() {
            target.halfClose();
        }

        @Override
        public void onCancel() {
            target.cancel("the client of the relayed call is gone", null);
        }

        @Override
        public void onReady() {
            if (fromTarget.ready()) {
                target.request(1);
            }
        }
    }

    private final class TargetListener extends ClientCall.Listener<byte[]> {
        @Override
        public void onMessage(byte[] message) {
            client.sendMessage(message);
            if (fromTarget.passed(client::isReady)) {
                target.request(1);
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!client.isCancelled()) {
                client.close(status, trailers);
            }
        }

        @Override
        public void onReady() {
            if (fromClient.ready()) {
                client.request(1);
            }
        }
    }
}
