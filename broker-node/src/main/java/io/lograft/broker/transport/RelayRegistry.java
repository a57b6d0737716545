package io.lograft.broker.transport;

import io.grpc.Channel;
import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.StatusRuntimeException;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.wire.GrpcErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Relays calls to other brokers, for clients that cannot reach the address of each broker. A call of the method
 * {@code relay.<broker id>.<service>/<method>} is passed on, message by message and without decoding, to that broker's
 * {@code <service>/<method>}; only the services of clients are relayed, and a relayed call is never relayed again.
 * Flow control holds end to end: a message is asked for only once the one before it has been passed on.
 */
public final class RelayRegistry extends HandlerRegistry {
    private static final Pattern NAME = Pattern.compile(
            "relay\\.(\\d{1,9})\\.(lograft\\.v1\\.(?:Produce|Fetch|Metadata|Admin|Group|Log)Service/[A-Za-z]+)");
    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new BytesMarshaller();

    private final Function<BrokerId, Optional<? extends Channel>> channels;

    /** Relays through these channels; an unknown broker's calls end with UNKNOWN_BROKER. */
    public RelayRegistry(Function<BrokerId, Optional<? extends Channel>> channels) {
        this.channels = channels;
    }

    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String methodName, String authority) {
        Matcher matcher = NAME.matcher(methodName);
        if (!matcher.matches()) {
            return null;
        }
        BrokerId broker = new BrokerId(Integer.parseInt(matcher.group(1)));
        MethodDescriptor<byte[], byte[]> inbound = descriptor(methodName);
        MethodDescriptor<byte[], byte[]> outbound = descriptor(matcher.group(2));
        return ServerMethodDefinition.create(inbound, (call, headers) -> start(broker, outbound, call));
    }

    private ServerCall.Listener<byte[]> start(
            BrokerId broker, MethodDescriptor<byte[], byte[]> method, ServerCall<byte[], byte[]> call) {
        Optional<? extends Channel> channel = channels.apply(broker);
        if (channel.isEmpty()) {
            StatusRuntimeException unknown = GrpcErrors.exception(
                    ErrorCode.UNKNOWN_BROKER, "no address is known of broker " + broker + ", to relay to it");
            call.close(unknown.getStatus(), unknown.getTrailers());
            return new ServerCall.Listener<>() {};
        }
        return RelayedCall.start(call, channel.get(), method);
    }

    private static MethodDescriptor<byte[], byte[]> descriptor(String fullName) {
        return MethodDescriptor.newBuilder(BYTES, BYTES)
                .setType(MethodDescriptor.MethodType.UNKNOWN)
                .setFullMethodName(fullName)
                .build();
    }

    private static final class BytesMarshaller implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new java.io.ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try (stream) {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
