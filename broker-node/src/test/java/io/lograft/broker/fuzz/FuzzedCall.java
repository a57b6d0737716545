package io.lograft.broker.fuzz;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * gRPC's end of a call. It remembers what a service must not do: end a call twice, send after the end, or end it with a
 * status that is a fault of the server. Safe for use by several threads.
 */
final class FuzzedCall<Q, R> extends ServerCall<Q, R> {
    private static final Set<Status.Code> FAULTS =
            Set.of(Status.Code.UNKNOWN, Status.Code.INTERNAL, Status.Code.DATA_LOSS);

    private static final long ANSWER_MS_MAX = 5_000;

    private final MethodDescriptor<Q, R> method;
    private final boolean mayWait;
    private final List<String> faults = new ArrayList<>();
    private long requested;
    private Status status;
    private boolean isCancelled;

    FuzzedCall(MethodDescriptor<Q, R> method, boolean mayWait) {
        this.method = method;
        this.mayWait = mayWait || method.getType() == MethodDescriptor.MethodType.SERVER_STREAMING;
    }

    /** True once the service has asked for another message. A service that asks for none has to end the call. */
    synchronized boolean takesMessage() {
        await(() -> requested > 0 || status != null);
        if (requested > 0) {
            requested--;
            return true;
        }
        fail(status != null, "neither reads the next message nor ends the call");
        return false;
    }

    synchronized boolean hasEnded() {
        return status != null;
    }

    synchronized void cancel() {
        isCancelled = true;
    }

    /** The client has sent everything. Only what the server alone sends may go on then. */
    synchronized void checkEnd() {
        if (!mayWait) {
            await(() -> status != null);
            fail(status != null, "gave no answer within " + ANSWER_MS_MAX + " ms");
        }
        fail(status == null || !FAULTS.contains(status.getCode()), "ended with " + status);
    }

    /** Fails if the service has done what it must not. */
    synchronized void checkCalls() {
        FuzzChecks.check(faults.isEmpty(), method.getFullMethodName() + " " + faults);
    }

    /** Services that may wait answer on threads of their own. */
    private void await(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWER_MS_MAX);
        try {
            while (!condition.getAsBoolean() && System.nanoTime() < deadlineNs) {
                wait(ANSWER_MS_MAX);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void fail(boolean holds, String fault) {
        if (!holds) {
            faults.add(fault);
        }
    }

    @Override
    public synchronized void request(int count) {
        fail(count > 0, "asked for " + count + " messages");
        requested += count;
        notifyAll();
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        fail(status == null, "sent headers after the end");
    }

    @Override
    public synchronized void sendMessage(R message) {
        fail(status == null, "sent a message after the end");
    }

    @Override
    public synchronized void close(Status end, Metadata trailers) {
        fail(status == null, "ended with " + status + " and then with " + end);
        status = end;
        notifyAll();
    }

    @Override
    public synchronized boolean isCancelled() {
        return isCancelled;
    }

    @Override
    public MethodDescriptor<Q, R> getMethodDescriptor() {
        return method;
    }
}
