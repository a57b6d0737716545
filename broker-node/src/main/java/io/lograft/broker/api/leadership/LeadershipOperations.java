package io.lograft.broker.api.leadership;

import io.grpc.stub.StreamObserver;
import io.lograft.broker.api.AdminServiceApi;
import io.lograft.broker.api.ClusterState;
import io.lograft.broker.api.CommandSubmitter;
import io.lograft.broker.api.Failures;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.LeaderElection;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.control.TopicRules;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.PartitionImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.PartitionId;
import io.lograft.proto.v1.BrokerEndpoint;
import io.lograft.proto.v1.BrokerFencing;
import io.lograft.proto.v1.DescribeFencingRequest;
import io.lograft.proto.v1.DescribeFencingResponse;
import io.lograft.proto.v1.DrainBrokerRequest;
import io.lograft.proto.v1.DrainBrokerResponse;
import io.lograft.proto.v1.ElectLeadersRequest;
import io.lograft.proto.v1.ElectLeadersResponse;
import io.lograft.proto.v1.ElectionResult;
import io.lograft.wire.GrpcErrors;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Elections, draining and who takes part, on behalf of administrators. Safe for use by several threads. */
public final class LeadershipOperations implements AdminServiceApi.Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(LeadershipOperations.class);

    private final ClusterState state;
    private final CommandSubmitter controller;
    private final FencingHistory history;

    /** Hands changes to the controller, and answers questions out of this broker's own image. */
    public LeadershipOperations(ClusterState state, CommandSubmitter controller, FencingHistory history) {
        this.state = state;
        this.controller = controller;
        this.history = history;
    }

    // ---- elections

    @Override
    public void electLeaders(ElectLeadersRequest request, StreamObserver<ElectLeadersResponse> client) {
        Optional<LeaderElection> election = election(request);
        Optional<TopicImage> topic = state.image().topic(request.getTopic());
        if (election.isEmpty()) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.INVALID_REQUEST, "type is " + request.getType() + ", not a type of election"));
            return;
        }
        if (topic.isEmpty()) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.UNKNOWN_TOPIC,
                    "no topic has the name '" + TopicRules.abbreviate(request.getTopic()) + "'"));
            return;
        }
        if (new HashSet<>(request.getPartitionsList()).size() < request.getPartitionsCount()) {
            client.onError(GrpcErrors.exception(ErrorCode.INVALID_REQUEST, "a partition is named twice"));
            return;
        }
        List<Integer> numbers = request.getPartitionsCount() > 0
                ? request.getPartitionsList()
                : IntStream.range(0, topic.get().partitions().size()).boxed().toList();
        if (election.get() == LeaderElection.UNCLEAN) {
            LOG.warn("an operator asks for unclean leaders of topic {}, partitions {}", request.getTopic(), numbers);
        }
        List<PartitionId> partitions = numbers.stream()
                .map(number -> new PartitionId(topic.get().id(), number))
                .toList();
        var unused = controller
                .submit(new MetadataCommand.ElectLeaders(partitions, election.get()))
                .thenAccept(reply -> answer(partitions, reply, client));
    }

    private static Optional<LeaderElection> election(ElectLeadersRequest request) {
        return switch (request.getType()) {
            case ELECTION_TYPE_PREFERRED -> Optional.of(LeaderElection.PREFERRED);
            case ELECTION_TYPE_UNCLEAN -> Optional.of(LeaderElection.UNCLEAN);
            case ELECTION_TYPE_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
        };
    }

    private void answer(List<PartitionId> partitions, CommandReply reply, StreamObserver<ElectLeadersResponse> client) {
        if (!(reply.result() instanceof CommandReply.Parts parts) || !reply.isOk()) {
            client.onError(GrpcErrors.exception(reply.error(), reply.message()));
            return;
        }
        ElectLeadersResponse.Builder response = ElectLeadersResponse.newBuilder();
        for (int i = 0; i < partitions.size(); i++) {
            response.addResults(result(partitions.get(i), parts.replies().get(i)));
        }
        client.onNext(response.build());
        client.onCompleted();
    }

    private ElectionResult result(PartitionId id, CommandReply reply) {
        Optional<PartitionImage> now = state.image().partition(id);
        ElectionResult.Builder result = ElectionResult.newBuilder()
                .setPartition(id.partition())
                .setLeader(now.map(PartitionImage::leader).orElse(-1))
                .setLeaderEpoch(now.map(PartitionImage::leaderEpoch).orElse(-1));
        return reply.isOk()
                ? result.build()
                : result.setFailure(Failures.of(reply)).build();
    }

    // ---- draining

    @Override
    public void drainBroker(DrainBrokerRequest request, StreamObserver<DrainBrokerResponse> client) {
        Optional<BrokerImage> broker = broker(request.getBrokerId());
        if (broker.isEmpty()) {
            client.onError(GrpcErrors.exception(
                    ErrorCode.UNKNOWN_BROKER, "no broker has registered as " + request.getBrokerId()));
            return;
        }
        BrokerRef ref = broker.get().ref();
        LOG.info("an operator asks that broker {} be drained", ref);
        var unused = controller
                .submit(new MetadataCommand.DrainBroker(ref, true))
                .thenAccept(reply -> {
                    if (!reply.isOk()) {
                        client.onError(GrpcErrors.exception(reply.error(), reply.message()));
                        return;
                    }
                    ClusterImage image = state.image();
                    client.onNext(DrainBrokerResponse.newBuilder()
                            .setBrokerEpoch(ref.epoch())
                            .setPartitionsChanged(
                                    reply.result() instanceof CommandReply.PartitionsChanged changed
                                            ? changed.count()
                                            : 0)
                            .setLeadershipsLeft(count(image, partition -> partition.isLedBy(ref.id())))
                            .setInSyncLeft(
                                    count(image, partition -> partition.isr().contains(ref.id())))
                            .build());
                    client.onCompleted();
                });
    }

    private Optional<BrokerImage> broker(int id) {
        return id < 0 ? Optional.empty() : state.image().broker(new BrokerId(id));
    }

    private static int count(ClusterImage image, Predicate<PartitionImage> condition) {
        int count = 0;
        for (TopicImage topic : image.topics()) {
            for (PartitionImage partition : topic.partitions()) {
                count += condition.test(partition) ? 1 : 0;
            }
        }
        return count;
    }

    // ---- who takes part

    @Override
    public void describeFencing(DescribeFencingRequest request, StreamObserver<DescribeFencingResponse> client) {
        ClusterImage image = state.image();
        DescribeFencingResponse.Builder response = DescribeFencingResponse.newBuilder();
        for (BrokerImage broker : image.brokers().values()) {
            response.addBrokers(BrokerFencing.newBuilder()
                    .setEndpoint(BrokerEndpoint.newBuilder()
                            .setBrokerId(broker.id().value())
                            .setHost(broker.address().host())
                            .setPort(broker.address().port()))
                    .setBrokerEpoch(broker.epoch())
                    .setFenced(broker.fenced())
                    .setDraining(broker.draining())
                    .setReason(reason(broker))
                    .setSinceMs(history.sinceMs(broker.id()).orElse(-1))
                    .setLeaderCount(count(image, partition -> partition.isLedBy(broker.id())))
                    .setInSyncCount(count(image, partition -> partition.isr().contains(broker.id()))));
        }
        client.onNext(response.build());
        client.onCompleted();
    }

    /** What the metadata tell of the way into the state. */
    private static String reason(BrokerImage broker) {
        if (broker.fenced()) {
            if (broker.lastUnfencedEpoch() < broker.epoch()) {
                return "registered, but not let in yet: it recovers its logs, or came and went too often";
            }
            return broker.draining()
                    ? "it was drained before its session ended: stopped in an orderly way"
                    : "its session broke or fell silent: the process died, hangs or is cut off";
        }
        return broker.draining() ? "drained, by an operator or by its own stop; ends when it is started anew" : "";
    }
}
