package io.lograft.client.fake;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.FetchPosition;
import io.lograft.proto.v1.FetchRequest;
import io.lograft.proto.v1.FetchResponse;
import io.lograft.proto.v1.FetchServiceGrpc;
import io.lograft.proto.v1.FetchedPartition;
import io.lograft.record.RecordBatch;
import io.lograft.wire.WireBytes;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Pushes batches within the credit, as a leader would; fails the test's stream where the credit is overdrawn. */
final class FakeFetchService extends FetchServiceGrpc.FetchServiceImplBase {
    private final FakeCluster cluster;
    private final int broker;
    private final List<Session> sessions = new CopyOnWriteArrayList<>();

    FakeFetchService(FakeCluster cluster, int broker) {
        this.cluster = cluster;
        this.broker = broker;
    }

    void breakStreams() {
        sessions.forEach(Session::breakStream);
    }

    void pushAll() {
        synchronized (cluster) {
            sessions.forEach(Session::push);
        }
    }

    @Override
    public StreamObserver<FetchRequest> fetch(StreamObserver<FetchResponse> out) {
        Session session = new Session(out);
        sessions.add(session);
        return session;
    }

    private final class Session implements StreamObserver<FetchRequest> {
        private final StreamObserver<FetchResponse> out;
        private final Map<PartitionId, Position> positions = new LinkedHashMap<>();
        private long credit;
        private boolean isBroken;

        private Session(StreamObserver<FetchResponse> out) {
            this.out = out;
        }

        private static final class Position {
            private long offset;
            private final long number;

            private Position(long offset, long number) {
                this.offset = offset;
                this.number = number;
            }
        }

        private void breakStream() {
            synchronized (cluster) {
                if (!isBroken) {
                    isBroken = true;
                    sessions.remove(this);
                    out.onError(Status.UNAVAILABLE
                            .withDescription("broken by the test")
                            .asRuntimeException());
                }
            }
        }

        @Override
        public void onNext(FetchRequest request) {
            synchronized (cluster) {
                request.getRemoveList()
                        .forEach(r ->
                                positions.remove(new PartitionId(WireBytes.topicId(r.getTopicId()), r.getPartition())));
                request.getAssignList().forEach(this::assign);
                credit += request.getCreditBytes();
                push();
            }
        }

        private void assign(FetchPosition position) {
            PartitionId id = new PartitionId(WireBytes.topicId(position.getTopicId()), position.getPartition());
            FakePartition partition = partition(id);
            cluster.lastReadEpochs.add(position.getLastReadEpoch());
            if (partition == null) {
                refuse(id, position, ErrorCode.UNKNOWN_TOPIC);
            } else if (partition.leader != broker) {
                refuse(id, position, ErrorCode.NOT_LEADER);
            } else if (position.getOffset() < partition.logStart || position.getOffset() > partition.logEnd) {
                refuse(id, position, ErrorCode.OFFSET_OUT_OF_RANGE);
            } else {
                positions.put(id, new Position(position.getOffset(), position.getNumber()));
            }
        }

        private FakePartition partition(PartitionId id) {
            Map.Entry<String, FakeCluster.FakeTopic> topic = cluster.byId(id.topic());
            return topic == null ? null : topic.getValue().partitions.get(id.partition());
        }

        private void refuse(PartitionId id, FetchPosition position, ErrorCode code) {
            FetchedPartition.Builder answer =
                    answer(id, position.getNumber()).setFailure(FakeBroker.failure(code, "refused by the test"));
            if (code == ErrorCode.NOT_LEADER) {
                answer.setLeaderHint(cluster.hint(partition(id)));
            }
            out.onNext(FetchResponse.newBuilder().addPartitions(answer).build());
        }

        private FetchedPartition.Builder answer(PartitionId id, long number) {
            return FetchedPartition.newBuilder()
                    .setTopicId(WireBytes.topicId(id.topic()))
                    .setPartition(id.partition())
                    .setNumber(number);
        }

        private void push() {
            positions.entrySet().removeIf(entry -> !isLeader(entry.getKey(), entry.getValue()));
            boolean isProgressing = true;
            while (isProgressing && credit > 0 && !isBroken) {
                isProgressing = false;
                for (Map.Entry<PartitionId, Position> entry : positions.entrySet()) {
                    isProgressing |= credit > 0 && push(entry.getKey(), entry.getValue());
                }
            }
        }

        private boolean isLeader(PartitionId id, Position position) {
            FakePartition partition = partition(id);
            if (partition != null && partition.leader == broker) {
                return true;
            }
            refuse(
                    id,
                    FetchPosition.newBuilder().setNumber(position.number).build(),
                    partition == null ? ErrorCode.UNKNOWN_TOPIC : ErrorCode.NOT_LEADER);
            return false;
        }

        private boolean push(PartitionId id, Position position) {
            FakePartition partition = partition(id);
            ByteBuffer records = partition.read(position.offset, Math.min(credit, 64 << 10));
            if (!records.hasRemaining()) {
                return false;
            }
            credit -= records.remaining();
            for (int at = 0; at < records.limit(); ) {
                RecordBatch batch = RecordBatch.at(records, at);
                position.offset = batch.nextOffset();
                at += batch.sizeBytes();
            }
            out.onNext(FetchResponse.newBuilder()
                    .addPartitions(answer(id, position.number)
                            .setHighWatermark(partition.logEnd)
                            .setLogStartOffset(partition.logStart)
                            .setRecords(WireBytes.give(records)))
                    .build());
            return true;
        }

        @Override
        public void onError(Throwable t) {
            isBroken = true;
            sessions.remove(this);
        }

        @Override
        public void onCompleted() {
            sessions.remove(this);
            out.onCompleted();
        }
    }
}
