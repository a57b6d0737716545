package io.lograft.broker.fuzz;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.lograft.broker.transport.RequestGuard;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A service that is called from the bytes on, as gRPC does it but without a network, through the guard against malformed
 * messages. An input is one call: its first byte says which method by the order of their names, and where it is negative
 * that the client of a stream goes away instead of ending it. The rest is the request, or on a stream several, each after
 * two bytes with its size.
 */
public final class FuzzedService {
    private static final int METHOD_MASK = 0x7f;

    private final List<ServerMethodDefinition<?, ?>> methods;
    private final Runnable settle;

    /**
     * Guards the service.
     *
     * @param settle waits until what the service does on other threads is done
     */
    public FuzzedService(ServerServiceDefinition service, Runnable settle) {
        this.methods = new ArrayList<>(RequestGuard.around(service).getMethods());
        methods.sort(Comparator.comparing(method -> method.getMethodDescriptor().getFullMethodName()));
        this.settle = settle;
    }

    /** Makes one call, and fails unless it ends as it should. */
    public void call(byte[] input) {
        call(input, UnaryOperator.identity());
    }

    /**
     * Makes one call, see {@link #call(byte[])}.
     *
     * @param repair gives the bytes of a request checksums and the like, which no fuzzer guesses
     */
    public void call(byte[] input, UnaryOperator<byte[]> repair) {
        call(input, repair, false);
    }

    private void call(byte[] input, UnaryOperator<byte[]> repair, boolean mayWait) {
        if (input.length == 0) {
            return;
        }
        ServerMethodDefinition<?, ?> method = methods.get((input[0] & METHOD_MASK) % methods.size());
        boolean isStream = !method.getMethodDescriptor().getType().clientSendsOneMessage();
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        List<byte[]> messages = isStream ? split(rest) : List.of(rest);
        messages = messages.stream().map(repair).toList();
        call(method, messages, isStream && input[0] < 0, mayWait);
    }

    /** Makes one call, which may wait for what another one brings. Then the client goes away. */
    public void callThatMayWait(byte[] input) {
        call(input, UnaryOperator.identity(), true);
    }

    /** The messages of a stream, the last one as long as there are bytes. */
    public static List<byte[]> split(byte[] bytes) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        List<byte[]> messages = new ArrayList<>();
        while (left.remaining() >= Short.BYTES) {
            byte[] message = new byte[Math.min(Short.toUnsignedInt(left.getShort()), left.remaining())];
            left.get(message);
            messages.add(message);
        }
        return messages;
    }

    private <Q, R> void call(
            ServerMethodDefinition<Q, R> method, List<byte[]> messages, boolean isCancelled, boolean mayWait) {
        FuzzedCall<Q, R> call = new FuzzedCall<>(method.getMethodDescriptor(), mayWait);
        ServerCall.Listener<Q> listener = method.getServerCallHandler().startCall(call, new Metadata());
        listener.onReady();
        settle.run();
        for (byte[] message : messages) {
            // What is under way when the service ends the call is delivered still, as far as it was asked for.
            if (!call.takesMessage()) {
                break;
            }
            listener.onMessage(method.getMethodDescriptor().parseRequest(new ByteArrayInputStream(message)));
            settle.run();
        }
        if (isCancelled) {
            call.cancel();
            listener.onCancel();
        } else {
            listener.onHalfClose();
            settle.run();
            call.checkEnd();
            if (call.hasEnded()) {
                listener.onComplete();
            } else {
                call.cancel();
                listener.onCancel();
            }
        }
        settle.run();
        call.checkCalls();
    }
}
