package io.lograft.broker.replica.transport;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.lograft.broker.replica.ReplicaEvent;
import io.lograft.broker.replica.StreamKind;
import io.lograft.model.BrokerId;
import io.lograft.model.EpochStart;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.Follow;
import io.lograft.proto.v1.FollowRefused;
import io.lograft.proto.v1.FollowerAck;
import io.lograft.proto.v1.ReplicateRequest;
import io.lograft.proto.v1.ReplicateResponse;
import io.lograft.proto.v1.ReplicationServiceGrpc;
import io.lograft.proto.v1.Unfollow;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.WireBytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the streams of followers and turns what comes in on them into events. Callbacks come on network threads and
 * only hand over. Safe for use by several threads.
 */
public final class ReplicationServer extends ReplicationServiceGrpc.ReplicationServiceImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicationServer.class);

    private final Supplier<String> clusterId;
    private final ReplicaInbox inbox;
    private final Map<Long, FollowerStream> streams = new ConcurrentHashMap<>();
    private final AtomicLong lastStreamId = new AtomicLong();
    private final JoiningThrottle throttle = new JoiningThrottle();

    /** Serves followers of the cluster with this id. */
    public ReplicationServer(Supplier<String> clusterId, ReplicaInbox inbox) {
        this.clusterId = clusterId;
        this.inbox = inbox;
    }

    /** What limits the sending to replicas that join by reassignments. */
    public JoiningThrottle throttle() {
        return throttle;
    }

    /** The open stream with this id. */
    public Optional<FollowerStream> stream(long streamId) {
        return Optional.ofNullable(streams.get(streamId));
    }

    @Override
    public StreamObserver<ReplicateRequest> replicate(StreamObserver<ReplicateResponse> responses) {
        return new Session((ServerCallStreamObserver<ReplicateResponse>) responses);
    }

    /** What one stream's callbacks need; they come one at a time. */
    private final class Session implements StreamObserver<ReplicateRequest> {
        private final ServerCallStreamObserver<ReplicateResponse> observer;
        private FollowerStream stream;

        private Session(ServerCallStreamObserver<ReplicateResponse> observer) {
            this.observer = observer;
            observer.setOnReadyHandler(this::ready);
            observer.setOnCancelHandler(this::closed);
        }

        @Override
        public void onNext(ReplicateRequest request) {
            if (stream == null) {
                greet(request);
                return;
            }
            try {
                request.getFollowsList().forEach(this::follow);
                request.getAcksList().forEach(this::ack);
                request.getUnfollowsList().forEach(this::unfollow);
            } catch (IllegalArgumentException malformed) {
                refuse(ErrorCode.INVALID_REQUEST, malformed.getMessage());
            }
        }

        private void greet(ReplicateRequest request) {
            if (!request.hasHello()) {
                refuse(ErrorCode.INVALID_REQUEST, "the first message of a Replicate stream must be Hello");
                return;
            }
            ReplicateRequest.Hello hello = request.getHello();
            if (!hello.getClusterId().equals(clusterId.get())) {
                refuse(
                        ErrorCode.CLUSTER_ID_MISMATCH,
                        "broker " + hello.getBrokerId() + " is of cluster " + hello.getClusterId() + ", this one of "
                                + clusterId.get());
                return;
            }
            StreamKind kind = switch (hello.getKind()) {
                case STREAM_KIND_IN_SYNC -> StreamKind.IN_SYNC;
                case STREAM_KIND_CATCH_UP -> StreamKind.CATCH_UP;
                case STREAM_KIND_UNSPECIFIED, UNRECOGNIZED -> null;
            };
            if (kind == null || hello.getBrokerId() < 0) {
                refuse(
                        ErrorCode.INVALID_REQUEST,
                        "Hello has stream kind " + hello.getKindValue() + " and broker id " + hello.getBrokerId());
                return;
            }
            stream = new FollowerStream(
                    lastStreamId.incrementAndGet(),
                    new BrokerId(hello.getBrokerId()),
                    hello.getBrokerEpoch(),
                    kind,
                    observer);
            streams.put(stream.id(), stream);
            stream.accept();
            LOG.info("broker {} opened {} stream {}", stream.follower(), kind, stream.id());
        }

        private void follow(Follow follow) {
            PartitionId partition = new PartitionId(WireBytes.topicId(follow.getTopicId()), follow.getPartition());
            List<EpochStart> epochs = follow.getEpochsList().stream()
                    .map(e -> new EpochStart(e.getEpoch(), e.getStartOffset()))
                    .toList();
            stream.follows(partition);
            boolean isKnown = inbox.deliver(
                    partition,
                    new ReplicaEvent.FollowReceived(
                            stream.follower(),
                            stream.followerBrokerEpoch(),
                            stream.id(),
                            stream.kind(),
                            follow.getLeaderEpoch(),
                            follow.getNumber(),
                            follow.getLogStartOffset(),
                            follow.getLogEndOffset(),
                            epochs,
                            follow.getRefilledBelow()));
            if (!isKnown) {
                stream.add(FollowRefused.newBuilder()
                        .setTopicId(follow.getTopicId())
                        .setPartition(follow.getPartition())
                        .setNumber(follow.getNumber())
                        .setFailure(Failure.newBuilder()
                                .setCode(ErrorCodes.toProto(ErrorCode.UNKNOWN_PARTITION))
                                .setMessage("no replica of " + partition + " here yet"))
                        .build());
                stream.flush();
            }
        }

        private void ack(FollowerAck ack) {
            inbox.deliver(
                    new PartitionId(WireBytes.topicId(ack.getTopicId()), ack.getPartition()),
                    new ReplicaEvent.FollowerAcked(
                            stream.follower(),
                            stream.id(),
                            ack.getLeaderEpoch(),
                            ack.getNumber(),
                            ack.getLogEndOffset(),
                            ack.getFlushedOffset(),
                            ack.getOsMode(),
                            ack.getLogStartOffset()));
        }

        private void unfollow(Unfollow unfollow) {
            inbox.deliver(
                    new PartitionId(WireBytes.topicId(unfollow.getTopicId()), unfollow.getPartition()),
                    new ReplicaEvent.UnfollowReceived(stream.follower(), stream.id(), unfollow.getNumber()));
        }

        private void refuse(ErrorCode code, String message) {
            LOG.warn("ending a replication stream: {}: {}", code, message);
            // First, so that no partition's loop sends on a call that has ended.
            closed();
            observer.onError(GrpcErrors.exception(code, message));
        }

        private void ready() {
            if (stream != null) {
                for (PartitionId partition : stream.takeBlocked()) {
                    inbox.deliver(partition, new ReplicaEvent.FollowerStreamReady(stream.follower(), stream.id()));
                }
            }
        }

        private void closed() {
            if (stream == null || streams.remove(stream.id()) == null) {
                return;
            }
            LOG.info("{} stream {} of broker {} is closed", stream.kind(), stream.id(), stream.follower());
            for (PartitionId partition : stream.close()) {
                inbox.deliver(partition, new ReplicaEvent.FollowerStreamClosed(stream.follower(), stream.id()));
            }
        }

        @Override
        public void onError(Throwable failure) {
            closed();
        }

        @Override
        public void onCompleted() {
            closed();
            if (!observer.isCancelled()) {
                observer.onError(Status.CANCELLED
                        .withDescription("the follower ended the stream")
                        .asRuntimeException());
            }
        }
    }
}
