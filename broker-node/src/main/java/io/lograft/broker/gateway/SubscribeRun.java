package io.lograft.broker.gateway;

import io.lograft.client.LograftException;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.LogRecord;
import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.proto.v1.SubscribeResponse;
import io.lograft.wire.GrpcErrors;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one Subscribe stream: polls its reader, sends records as far as the client's credit goes, and carries the
 * group's changes down and the client's commits and releases up. Holds at most what one poll returned besides what the
 * reader fetches ahead. Owned by: the stream's thread.
 */
final class SubscribeRun implements RecordReader.Partitions {
    private static final Logger LOG = LoggerFactory.getLogger(SubscribeRun.class);
    // Below the 4 MiB that gRPC clients take in one message unless told otherwise.
    private static final int MESSAGE_BYTES_MAX = 3 << 20;
    private static final long POLL_MS = 1_000;
    /** A client that takes nothing for so long has the reader paused, which then looks after the group alone. */
    private static final long STALL_MS = 200;

    private final SubscribeSession session;
    private final Function<SubscribeRequest.Start, RecordReader> readers;
    private final ArrayDeque<LogRecord> pending = new ArrayDeque<>();
    private final Set<TopicPartition> assigned = new HashSet<>();
    private final Set<TopicPartition> releasing = new HashSet<>();
    private SubscribeCommits commits;
    private RecordReader reader;
    private boolean hasGroup;
    private long releaseMs;
    private long creditBytes;
    private boolean isPaused;
    private boolean isLeaving;

    SubscribeRun(SubscribeSession session, Function<SubscribeRequest.Start, RecordReader> readers) {
        this.session = session;
        this.readers = readers;
    }

    /** Serves the stream until it ends. */
    void run() {
        try {
            SubscribeRequest.Start start = session.awaitStart();
            if (start != null) {
                serve(start);
            }
            session.complete();
        } catch (InterruptedException stopped) {
            session.stop();
        } catch (LograftException e) {
            session.end(GrpcErrors.exception(e.code(), e.reason(), Map.of()));
        } catch (RuntimeException e) {
            // The embedded client's fault must not end the broker, whose own state it does not touch.
            LOG.error("a Subscribe stream failed", e);
            session.end(GrpcErrors.exception(ErrorCode.INTERNAL, "the stream failed in the broker: " + e));
        }
    }

    private void serve(SubscribeRequest.Start start) throws InterruptedException {
        hasGroup = !start.getGroup().isEmpty();
        releaseMs = start.getReleaseTimeoutMs() == 0
                ? SubscribeChecks.RELEASE_TIMEOUT_MS_DEFAULT
                : start.getReleaseTimeoutMs();
        creditBytes = start.getCreditBytes();
        reader = readers.apply(start);
        try {
            commits = new SubscribeCommits(session, reader);
            session.wakeBy(reader::wakeUp);
            reader.begin(this);
            while (!session.hasEnded()) {
                session.drain(this::onRequest);
                commits.sendDone();
                sendRecords();
                pollOrWait();
            }
            session.drain(this::onRequest);
            if (!session.isClosed()) {
                commits.awaitAll();
            }
        } finally {
            isLeaving = true;
            session.wakeBy(null);
            reader.close();
        }
    }

    private void onRequest(SubscribeRequest request) {
        switch (request.getMessageCase()) {
            case CREDIT_BYTES -> addCredit(request.getCreditBytes());
            case COMMIT -> commits.commit(request.getCommit(), p -> assigned.contains(p) || releasing.contains(p));
            case RELEASE ->
                request.getRelease().getPartitionsList().forEach(p -> releasing.remove(PlainRecords.partition(p)));
            case START, MESSAGE_NOT_SET -> throw new IllegalStateException("was refused when it came: " + request);
        }
    }

    private void addCredit(long bytes) {
        creditBytes = bytes > Long.MAX_VALUE - Math.max(creditBytes, 0) ? Long.MAX_VALUE : creditBytes + bytes;
    }

    private boolean mayPoll() {
        return pending.isEmpty() && creditBytes > 0 && session.isReady();
    }

    private void pollOrWait() throws InterruptedException {
        if (mayPoll()) {
            if (isPaused) {
                isPaused = false;
                reader.resume(assigned);
            }
            poll(POLL_MS);
        } else if (isPaused) {
            poll(POLL_MS);
        } else if (hasGroup) {
            session.await(STALL_MS);
            if (!mayPoll()) {
                isPaused = true;
                reader.pause(assigned);
            }
        } else {
            session.await(POLL_MS);
        }
    }

    private void poll(long waitMs) {
        try {
            pending.addAll(reader.poll(waitMs));
        } catch (LograftException e) {
            // What passes by itself is tried again by the reader; without a group nobody gives up a topic that is gone.
            boolean isGone = e.code() == ErrorCode.UNKNOWN_TOPIC || e.code() == ErrorCode.UNKNOWN_PARTITION;
            // A damaged batch stays where it is until somebody passes it by.
            boolean isStuck = e.code() == ErrorCode.CORRUPT_BATCH;
            if (!e.code().isRetriable() || isStuck || (isGone && !hasGroup)) {
                throw e;
            }
        }
    }

    /** Sends what the client takes, several records to a message. */
    private void sendRecords() {
        while (!pending.isEmpty() && creditBytes > 0 && session.isReady()) {
            SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
            long size = 0;
            while (!pending.isEmpty() && creditBytes > 0) {
                int next = pending.peek().getSerializedSize();
                if (size > 0 && size + next > MESSAGE_BYTES_MAX) {
                    break;
                }
                response.addRecords(pending.poll());
                size += next;
                creditBytes -= next;
            }
            session.send(response.build());
        }
    }

    @Override
    public void assigned(Map<TopicPartition, Long> offsets) {
        assigned.addAll(offsets.keySet());
        if (isPaused) {
            reader.pause(offsets.keySet());
        }
        SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
        offsets.forEach((partition, offset) -> response.addAssigned(SubscribeResponse.AssignedPartition.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .setOffset(offset)));
        session.send(response.build());
    }

    /** Tells the client, and waits until it has released them, or has had time enough. */
    @Override
    public void revoked(Set<TopicPartition> partitions) {
        drop(partitions);
        if (isLeaving || session.isClosed()) {
            return;
        }
        // One that ended its stream releases nothing any more, but may have sent commits before.
        releasing.addAll(partitions);
        SubscribeResponse.Builder told = SubscribeResponse.newBuilder();
        partitions.forEach(partition -> told.addRevoked(PlainRecords.partition(partition)));
        session.send(told.build());
        try {
            awaitRelease();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        commits.sendDone();
        if (!releasing.isEmpty() && !session.hasEnded()) {
            tellLost(releasing);
        }
        releasing.clear();
    }

    private void awaitRelease() throws InterruptedException {
        long deadlineNs = System.nanoTime() + releaseMs * 1_000_000;
        long leftMs = releaseMs;
        while (!releasing.isEmpty() && leftMs > 0 && !session.hasEnded()) {
            session.await(leftMs);
            session.drain(this::onRequest);
            commits.sendDone();
            leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
        }
        // The next member begins where these commits say.
        session.drain(this::onRequest);
        if (!session.isClosed()) {
            commits.awaitAll();
        }
    }

    @Override
    public void lost(Set<TopicPartition> partitions) {
        drop(partitions);
        if (!isLeaving) {
            tellLost(partitions);
        }
    }

    private void tellLost(Set<TopicPartition> partitions) {
        SubscribeResponse.Builder told = SubscribeResponse.newBuilder();
        partitions.forEach(partition -> told.addLost(PlainRecords.partition(partition)));
        session.send(told.build());
    }

    private void drop(Set<TopicPartition> partitions) {
        assigned.removeAll(partitions);
        pending.removeIf(record -> partitions.contains(new TopicPartition(record.getTopic(), record.getPartition())));
    }
}
