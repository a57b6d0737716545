package io.lograft.broker.api.group;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Notes where a call comes from, for descriptions of members. */
final class ClientHost implements ServerInterceptor {
    private static final Context.Key<String> HOST = Context.keyWithDefault("client host", "");

    /** Of the call that this thread is in; empty where it is not known. */
    static String current() {
        return HOST.get();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        String host = remote instanceof InetSocketAddress internet
                ? internet.getAddress().getHostAddress()
                : "";
        return Contexts.interceptCall(Context.current().withValue(HOST, host), call, headers, next);
    }
}
