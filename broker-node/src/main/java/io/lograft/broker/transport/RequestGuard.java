package io.lograft.broker.transport;

import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.lograft.model.ErrorCode;
import io.lograft.wire.GrpcErrors;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Ends a call with INVALID_REQUEST where a request is no message of its method. Without it gRPC ends such a call as a
 * fault of the server that has no code (UNKNOWN), as the failure of a decoder reaches no interceptor. So the decoder
 * hands a failure on in place of the message; good messages are passed as they are, without a copy.
 *
 * <p>A service that has ended a call hears no more of what its client sends: what was on its way by then would have it end
 * the call a second time, which gRPC takes for a fault of ours. Safe for use by several threads.
 */
public final class RequestGuard {

    /** In place of a message that could not be decoded. */
    private record Malformed(String why) {}

    private RequestGuard() {}

    /** The same service, guarded. */
    public static ServerServiceDefinition around(ServerServiceDefinition service) {
        ServiceDescriptor original = service.getServiceDescriptor();
        ServiceDescriptor.Builder descriptor =
                ServiceDescriptor.newBuilder(original.getName()).setSchemaDescriptor(original.getSchemaDescriptor());
        List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
        for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
            ServerMethodDefinition<?, ?> guarded = around(method);
            descriptor.addMethod(guarded.getMethodDescriptor());
            methods.add(guarded);
        }
        ServerServiceDefinition.Builder guarded = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(guarded::addMethod);
        return guarded.build();
    }

    private static <Q, R> ServerMethodDefinition<Object, R> around(ServerMethodDefinition<Q, R> method) {
        MethodDescriptor<Q, R> original = method.getMethodDescriptor();
        MethodDescriptor<Object, R> lenient = original.toBuilder(
                        new Lenient<>(original.getRequestMarshaller()), original.getResponseMarshaller())
                .build();
        return ServerMethodDefinition.create(lenient, (call, headers) -> {
            Inner<Q, R> inner = new Inner<>(call, original);
            return new Outer<>(inner, method.getServerCallHandler().startCall(inner, headers));
        });
    }

    private record Lenient<Q>(MethodDescriptor.Marshaller<Q> original) implements MethodDescriptor.Marshaller<Object> {
        @Override
        public InputStream stream(Object value) {
            throw new UnsupportedOperationException("a server sends no requests");
        }

        @Override
        public Object parse(InputStream stream) {
            try {
                return original.parse(stream);
            } catch (StatusRuntimeException undecodable) {
                return new Malformed(String.valueOf(undecodable.getStatus().getDescription()));
            }
        }
    }

    /** Passes events on until a message is malformed, when the service is told that the client is gone, or the call is over. */
    private static final class Outer<Q, R> extends ServerCall.Listener<Object> {
        private final Inner<Q, R> call;
        private final ServerCall.Listener<Q> service;

        private Outer(Inner<Q, R> call, ServerCall.Listener<Q> service) {
            this.call = call;
            this.service = service;
        }

        @Override
        @SuppressWarnings("unchecked") // what the original marshaller parsed
        public void onMessage(Object message) {
            if (call.isOver()) {
                return;
            }
            if (message instanceof Malformed malformed) {
                String method = call.getMethodDescriptor().getFullMethodName();
                boolean isOurs = call.end(GrpcErrors.exception(
                        ErrorCode.INVALID_REQUEST, "a request of " + method + " is malformed: " + malformed.why()));
                if (isOurs) {
                    service.onCancel();
                }
                return;
            }
            service.onMessage((Q) message);
        }

        @Override
        public void onHalfClose() {
            if (!call.isOver()) {
                service.onHalfClose();
            }
        }

        @Override
        public void onCancel() {
            if (!call.isEnded()) {
                service.onCancel();
            }
        }

        @Override
        public void onComplete() {
            if (!call.isEnded()) {
                service.onComplete();
            }
        }

        @Override
        public void onReady() {
            if (!call.isEnded()) {
                service.onReady();
            }
        }
    }

    /**
     * The call as the service sees it. The service may answer on another thread than that of the malformed message, so
     * ending and sending exclude each other.
     */
    private static final class Inner<Q, R> extends ServerCall<Q, R> {
        private final ServerCall<Object, R> call;
        private final MethodDescriptor<Q, R> method;
        /** The guard has ended the call. */
        private volatile boolean isEnded;
        /** The service has ended the call. */
        private volatile boolean isClosed;

        private Inner(ServerCall<Object, R> call, MethodDescriptor<Q, R> method) {
            this.call = call;
            this.method = method;
        }

        boolean isEnded() {
            return isEnded;
        }

        /** True once nothing that the client sends matters any more, though it may be on its way still. */
        boolean isOver() {
            return isEnded || isClosed;
        }

        /** Ends the call, unless the service has ended it before. */
        synchronized boolean end(StatusRuntimeException failure) {
            if (isClosed) {
                return false;
            }
            call.close(failure.getStatus(), failure.getTrailers());
            isEnded = true;
            return true;
        }

        @Override
        public void request(int messages) {
            call.request(messages);
        }

        @Override
        public synchronized void sendHeaders(Metadata headers) {
            if (!isEnded) {
                call.sendHeaders(headers);
            }
        }

        @Override
        public synchronized void sendMessage(R message) {
            if (!isEnded) {
                call.sendMessage(message);
            }
        }

        @Override
        public synchronized void close(Status status, Metadata trailers) {
            if (!isEnded) {
                isClosed = true;
                call.close(status, trailers);
            }
        }

        @Override
        public boolean isReady() {
            return !isEnded && call.isReady();
        }

        @Override
        public boolean isCancelled() {
            return isEnded || call.isCancelled();
        }

        @Override
        public void setMessageCompression(boolean enabled) {
            call.setMessageCompression(enabled);
        }

        @Override
        public void setCompression(String compressor) {
            call.setCompression(compressor);
        }

        @Override
        public void setOnReadyThreshold(int bytes) {
            call.setOnReadyThreshold(bytes);
        }

        @Override
        public SecurityLevel getSecurityLevel() {
            return call.getSecurityLevel();
        }

        @Override
        public Attributes getAttributes() {
            return call.getAttributes();
        }

        @Override
        public String getAuthority() {
            return call.getAuthority();
        }

        @Override
        public MethodDescriptor<Q, R> getMethodDescriptor() {
            return method;
        }
    }
}
