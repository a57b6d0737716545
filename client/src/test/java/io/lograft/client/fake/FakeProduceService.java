package io.lograft.client.fake;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.Acks;
import io.lograft.proto.v1.AllocateProducerIdRequest;
import io.lograft.proto.v1.AllocateProducerIdResponse;
import io.lograft.proto.v1.ProduceBatch;
import io.lograft.proto.v1.ProduceRequest;
import io.lograft.proto.v1.ProduceResponse;
import io.lograft.proto.v1.ProduceResult;
import io.lograft.proto.v1.ProduceServiceGrpc;
import io.lograft.wire.WireBytes;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** Appends batches as a leader would, with the cluster's faults. */
final class FakeProduceService extends ProduceServiceGrpc.ProduceServiceImplBase {
    private final FakeCluster cluster;
    private final int broker;
    private final List<Session> sessions = new CopyOnWriteArrayList<>();

    FakeProduceService(FakeCluster cluster, int broker) {
        this.cluster = cluster;
        this.broker = broker;
    }

    void breakStreams() {
        sessions.forEach(Session::breakStream);
    }

    @Override
    public void allocateProducerId(AllocateProducerIdRequest request, StreamObserver<AllocateProducerIdResponse> out) {
        synchronized (cluster) {
            out.onNext(AllocateProducerIdResponse.newBuilder()
                    .setProducerId(cluster.nextProducerId++)
                    .build());
        }
        out.onCompleted();
    }

    @Override
    public StreamObserver<ProduceRequest> produce(StreamObserver<ProduceResponse> out) {
        Session session = new Session(out);
        sessions.add(session);
        return session;
    }

    private final class Session implements StreamObserver<ProduceRequest> {
        private final StreamObserver<ProduceResponse> out;
        private final Set<TopicPartition> silent = new HashSet<>();
        private boolean isBroken;

        private Session(StreamObserver<ProduceResponse> out) {
            this.out = out;
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
        public void onNext(ProduceRequest request) {
            synchronized (cluster) {
                request.getBatchesList().forEach(this::onBatch);
            }
        }

        private void onBatch(ProduceBatch batch) {
            Map.Entry<String, FakeCluster.FakeTopic> topic = cluster.byId(WireBytes.topicId(batch.getTopicId()));
            if (isBroken) {
                return;
            }
            if (topic == null) {
                refuse(batch, ErrorCode.UNKNOWN_TOPIC);
                return;
            }
            TopicPartition name = new TopicPartition(topic.getKey(), batch.getPartition());
            FakePartition partition = topic.getValue().partitions.get(batch.getPartition());
            if (partition.leader != broker) {
                refuse(batch, ErrorCode.NOT_LEADER);
                return;
            }
            Fault fault = cluster.fault(name);
            if (fault == Fault.SILENCE) {
                silent.add(name);
            }
            if (!silent.contains(name)) {
                onBatch(batch, name, partition, fault);
            }
        }

        private void onBatch(ProduceBatch batch, TopicPartition name, FakePartition partition, Fault fault) {
            switch (fault) {
                case NOT_ENOUGH_REPLICAS -> refuse(batch, ErrorCode.NOT_ENOUGH_REPLICAS);
                case RECORD_TOO_LARGE -> refuse(batch, ErrorCode.RECORD_TOO_LARGE);
                case BREAK_BEFORE -> breakStream();
                case BREAK_AFTER -> {
                    partition.append(batch.getRecords().toByteArray());
                    breakStream();
                }
                case OUTCOME_UNKNOWN -> {
                    FakePartition.Outcome outcome =
                            partition.append(batch.getRecords().toByteArray());
                    refuse(batch, outcome.code() == ErrorCode.NONE ? ErrorCode.OUTCOME_UNKNOWN : outcome.code());
                }
                case MOVE_LEADER -> {
                    cluster.moveLeaderQuietly(name, 1 + broker % cluster.brokerCount());
                    refuse(batch, ErrorCode.NOT_LEADER);
                }
                default -> append(batch, partition);
            }
        }

        private void append(ProduceBatch batch, FakePartition partition) {
            FakePartition.Outcome outcome = partition.append(batch.getRecords().toByteArray());
            if (outcome.code() != ErrorCode.NONE) {
                refuse(batch, outcome.code());
                return;
            }
            if (batch.getAcks() != Acks.ACKS_NONE) {
                answer(ProduceResult.newBuilder()
                        .setCorrelationId(batch.getCorrelationId())
                        .setBaseOffset(outcome.baseOffset())
                        .setLeaderEpoch(partition.leaderEpoch)
                        .setLogAppendTimeMs(-1)
                        .setReplicasHolding(3)
                        .setReplicasFlushed(2)
                        .setDuplicate(outcome.isDuplicate())
                        .build());
            }
            for (int i = 1; i <= cluster.brokerCount(); i++) {
                cluster.broker(i).fetch.pushAll();
            }
        }

        private void refuse(ProduceBatch batch, ErrorCode code) {
            ProduceResult.Builder result = ProduceResult.newBuilder()
                    .setCorrelationId(batch.getCorrelationId())
                    .setFailure(FakeBroker.failure(code, "refused by the test"));
            Map.Entry<String, FakeCluster.FakeTopic> topic = cluster.byId(WireBytes.topicId(batch.getTopicId()));
            if (code == ErrorCode.NOT_LEADER) {
                result.setLeaderHint(cluster.hint(topic.getValue().partitions.get(batch.getPartition())));
            }
            answer(result.build());
        }

        private void answer(ProduceResult result) {
            if (!isBroken) {
                out.onNext(ProduceResponse.newBuilder().addResults(result).build());
            }
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
