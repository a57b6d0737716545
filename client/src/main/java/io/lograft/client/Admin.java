package io.lograft.client;

import io.grpc.MethodDescriptor;
import io.lograft.client.group.Groups;
import io.lograft.client.reassign.ReassignmentCalls;
import io.lograft.client.reassign.ReassignmentOptions;
import io.lograft.client.reassign.ReassignmentOutcome;
import io.lograft.client.storage.LogDirectories;
import io.lograft.client.storage.LogDirectoryReplies;
import io.lograft.client.transport.Calls;
import io.lograft.client.transport.OffsetLookup;
import io.lograft.client.transport.Session;
import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.AddPartitionsRequest;
import io.lograft.proto.v1.AddPartitionsResponse;
import io.lograft.proto.v1.AddVoterRequest;
import io.lograft.proto.v1.AdminServiceGrpc;
import io.lograft.proto.v1.AlterTopicRequest;
import io.lograft.proto.v1.AlterTopicResponse;
import io.lograft.proto.v1.ChangeQuorumResponse;
import io.lograft.proto.v1.CreateTopicsRequest;
import io.lograft.proto.v1.CreateTopicsResponse;
import io.lograft.proto.v1.DeleteRecordsRequest;
import io.lograft.proto.v1.DeleteRecordsResponse;
import io.lograft.proto.v1.DeleteTopicsRequest;
import io.lograft.proto.v1.DeleteTopicsResponse;
import io.lograft.proto.v1.DescribeClusterRequest;
import io.lograft.proto.v1.DescribeFencingRequest;
import io.lograft.proto.v1.DescribeQuorumRequest;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.DrainBrokerRequest;
import io.lograft.proto.v1.ElectLeadersRequest;
import io.lograft.proto.v1.ElectionType;
import io.lograft.proto.v1.ListTopicsRequest;
import io.lograft.proto.v1.LogDirectoryServiceGrpc;
import io.lograft.proto.v1.MetadataServiceGrpc;
import io.lograft.proto.v1.RemoveVoterRequest;
import io.lograft.proto.v1.TransferMetadataLeadershipRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * Creates, deletes and describes. Any broker answers, so one live one is enough; a call that fails for a passing reason
 * is tried again, at other brokers too, for {@link LograftOptions#requestTimeout}.
 *
 * <pre>{@code
 * Admin admin = cluster.admin();
 * admin.createTopic(NewTopic.of("orders").withPartitions(6));
 * admin.describeTopic("orders").partitions().forEach(System.out::println);
 * }</pre>
 *
 * <p>May be used by many threads at once; has no state and is not closed. The blocking methods throw {@link
 * LograftException}; the futures of the others fail with it. A creation or deletion whose answer was lost is tried again
 * and may then report TOPIC_ALREADY_EXISTS or UNKNOWN_TOPIC; so is a change of the voters, which may then report
 * ALREADY_A_VOTER or UNKNOWN_VOTER.
 */
public final class Admin {
    /** Instead of an offset, for {@link #deleteRecords}: all that is committed by then. */
    public static final long UP_TO_HIGH_WATERMARK = -1;

    private static final int DELETION_ATTEMPT_MS = 2_000;

    private final Session session;
    private final long timeoutMs;
    private final Groups groups;
    private final ReassignmentCalls reassignments;
    private final OffsetQuestions offsets;

    Admin(Session session, Duration timeout) {
        this.session = session;
        this.timeoutMs = timeout.toMillis();
        this.groups = new Groups(session, timeout);
        this.reassignments = new ReassignmentCalls(session, timeoutMs);
        this.offsets = new OffsetQuestions(session, timeoutMs);
    }

    /** What is done with consumer groups. */
    public Groups groups() {
        return groups;
    }

    /** Creates a topic; returns what it got. */
    public TopicListing createTopic(NewTopic topic) {
        return join(createTopicAsync(topic));
    }

    /** The same without waiting. */
    public CompletableFuture<TopicListing> createTopicAsync(NewTopic topic) {
        Calls.Question<CreateTopicsRequest, CreateTopicsResponse> question = new Calls.Question<>(
                AdminServiceGrpc.getCreateTopicsMethod(),
                AdminReplies.creation(topic),
                reply -> AdminReplies.refusal(reply.getResultsList()));
        return call(question, reply -> AdminReplies.made(reply.getResults(0)));
    }

    /** Deletes a topic with all its records. */
    public void deleteTopic(String name) {
        join(deleteTopicAsync(name));
    }

    /** The same without waiting. */
    public CompletableFuture<Void> deleteTopicAsync(String name) {
        DeleteTopicsRequest request =
                DeleteTopicsRequest.newBuilder().addNames(name).build();
        Calls.Question<DeleteTopicsRequest, DeleteTopicsResponse> question = new Calls.Question<>(
                AdminServiceGrpc.getDeleteTopicsMethod(),
                request,
                reply -> AdminReplies.refusal(reply.getResultsList()));
        return call(question, reply -> null);
    }

    /**
     * Raises the number of partitions of a topic; returns what it has then. Records with a key go to other partitions from
     * then on than before. Nothing changes where it has as many already.
     */
    public TopicListing addPartitions(String name, int partitionCount) {
        AddPartitionsRequest request = AddPartitionsRequest.newBuilder()
                .setTopic(name)
                .setPartitionCount(partitionCount)
                .build();
        Calls.Question<AddPartitionsRequest, AddPartitionsResponse> question = new Calls.Question<>(
                AdminServiceGrpc.getAddPartitionsMethod(),
                request,
                reply -> AdminReplies.refusal(List.of(reply.getResult())));
        return join(call(question, reply -> AdminReplies.made(reply.getResult())));
    }

    /**
     * Changes settings of a topic, which its replicas take up without a restart; returns the topic. Throws {@link
     * LograftException} with INVALID_CONFIG, and nothing has changed then, for an unknown setting, a value that is not
     * allowed, or one to be taken away that each topic has of its own (min.insync.replicas, flush.mode).
     *
     * @param set new values by key
     * @param remove keys whose settings are taken away, so that the brokers' defaults hold again
     */
    public TopicListing alterTopic(String name, Map<String, String> set, Collection<String> remove) {
        AlterTopicRequest request = AlterTopicRequest.newBuilder()
                .setTopic(name)
                .putAllSet(set)
                .addAllRemove(remove)
                .build();
        Calls.Question<AlterTopicRequest, AlterTopicResponse> question = new Calls.Question<>(
                AdminServiceGrpc.getAlterTopicMethod(),
                request,
                reply -> AdminReplies.refusal(List.of(reply.getResult())));
        return join(call(question, reply -> AdminReplies.made(reply.getResult())));
    }

    /**
     * Deletes all records below an offset, of each of these partitions; returns where they start then. Done once every
     * replica that is in sync has recorded that; tried again until then, which makes no difference.
     *
     * <p>Throws {@link LograftException} with the failure of the first partition that has one, others may have lost their
     * records then: OFFSET_OUT_OF_RANGE above the high watermark, POLICY_VIOLATION where cleanup.policy is compact alone.
     *
     * @param beforeOffsets the first offset that is kept, or {@link #UP_TO_HIGH_WATERMARK}
     */
    public Map<TopicPartition, Long> deleteRecords(Map<TopicPartition, Long> beforeOffsets) {
        DeleteRecordsRequest request = AdminReplies.deletion(beforeOffsets, DELETION_ATTEMPT_MS);
        Calls.Question<DeleteRecordsRequest, DeleteRecordsResponse> question =
                new Calls.Question<>(AdminServiceGrpc.getDeleteRecordsMethod(), request, AdminReplies::refusal);
        return join(call(question, AdminReplies::logStarts));
    }

    /** All topics, ordered by name. */
    public List<TopicListing> listTopics() {
        return join(listTopicsAsync());
    }

    /** The same without waiting. */
    public CompletableFuture<List<TopicListing>> listTopicsAsync() {
        return call(
                always(MetadataServiceGrpc.getListTopicsMethod(), ListTopicsRequest.getDefaultInstance()),
                reply -> reply.getTopicsList().stream()
                        .map(AdminReplies::listing)
                        .sorted(java.util.Comparator.comparing(TopicListing::name))
                        .toList());
    }

    /** A topic with its partitions and the state of their leaders' logs. */
    public TopicDescription describeTopic(String name) {
        return join(describeTopicAsync(name));
    }

    /** The same without waiting. */
    public CompletableFuture<TopicDescription> describeTopicAsync(String name) {
        DescribeTopicsRequest.Builder question = DescribeTopicsRequest.newBuilder();
        return describe(question.addNames(name).setIncludeLogState(true)).thenApply(topics -> topics.get(0));
    }

    /**
     * Topics with their partitions, from the metadata alone, so without {@link TopicDescription.Partition#log}.
     *
     * @param names empty for all
     */
    public List<TopicDescription> describeTopics(Collection<String> names) {
        return join(describeTopicsAsync(names));
    }

    /** The same without waiting. */
    public CompletableFuture<List<TopicDescription>> describeTopicsAsync(Collection<String> names) {
        return describe(DescribeTopicsRequest.newBuilder().addAllNames(names));
    }

    /**
     * The same with the state of the leaders' logs and of all replicas', for which every broker is asked.
     *
     * @param names empty for all
     */
    public List<TopicDescription> describeReplicas(Collection<String> names) {
        return join(describeReplicasAsync(names));
    }

    /** The same without waiting. */
    public CompletableFuture<List<TopicDescription>> describeReplicasAsync(Collection<String> names) {
        DescribeTopicsRequest.Builder question = DescribeTopicsRequest.newBuilder();
        return describe(question.addAllNames(names).setIncludeLogState(true).setIncludeReplicaStates(true));
    }

    private CompletableFuture<List<TopicDescription>> describe(DescribeTopicsRequest.Builder question) {
        return call(always(MetadataServiceGrpc.getDescribeTopicsMethod(), question.build()), AdminReplies::topics);
    }

    /** Brokers, controller, and how healthy the partitions are. */
    public ClusterDescription describeCluster() {
        return join(describeClusterAsync());
    }

    /** The same without waiting. */
    public CompletableFuture<ClusterDescription> describeClusterAsync() {
        return call(
                always(MetadataServiceGrpc.getDescribeClusterMethod(), DescribeClusterRequest.getDefaultInstance()),
                AdminReplies::cluster);
    }

    /** The metadata quorum. */
    public QuorumDescription describeQuorum() {
        return join(describeQuorumAsync());
    }

    /** The same without waiting. */
    public CompletableFuture<QuorumDescription> describeQuorumAsync() {
        return call(
                always(AdminServiceGrpc.getDescribeQuorumMethod(), DescribeQuorumRequest.getDefaultInstance()),
                AdminReplies::quorum);
    }

    /**
     * Elects leaders of a topic's partitions; each is answered by itself.
     *
     * @param partitions empty for all
     */
    public List<LeaderElection> electLeaders(String topic, List<Integer> partitions, LeaderElection.Type type) {
        return join(electLeadersAsync(topic, partitions, type));
    }

    /** The same without waiting. */
    public CompletableFuture<List<LeaderElection>> electLeadersAsync(
            String topic, List<Integer> partitions, LeaderElection.Type type) {
        ElectLeadersRequest request = ElectLeadersRequest.newBuilder()
                .setTopic(topic)
                .addAllPartitions(partitions)
                .setType(
                        type == LeaderElection.Type.UNCLEAN
                                ? ElectionType.ELECTION_TYPE_UNCLEAN
                                : ElectionType.ELECTION_TYPE_PREFERRED)
                .build();
        return call(
                always(AdminServiceGrpc.getElectLeadersMethod(), request),
                reply -> reply.getResultsList().stream()
                        .map(AdminReplies::election)
                        .toList());
    }

    /**
     * Moves leadership away from a running broker, and keeps it out of in-sync sets until it is started anew. Refused
     * with UNSAFE_CHANGE where some partition could not commit without it. May be called again, to see what is left.
     */
    public BrokerDrain drainBroker(int brokerId) {
        return join(drainBrokerAsync(brokerId));
    }

    /** The same without waiting. */
    public CompletableFuture<BrokerDrain> drainBrokerAsync(int brokerId) {
        DrainBrokerRequest request =
                DrainBrokerRequest.newBuilder().setBrokerId(brokerId).build();
        return call(
                always(AdminServiceGrpc.getDrainBrokerMethod(), request), reply -> AdminReplies.drain(brokerId, reply));
    }

    /**
     * Begins to give partitions other replicas, or replaces the target of what is under way, and returns; {@link
     * #describeReplicas} tells how far it is. More or fewer replicas than before may be named. Each partition is answered
     * by itself, so look at the outcomes: UNKNOWN_TOPIC, UNKNOWN_PARTITION, UNKNOWN_BROKER, INELIGIBLE_REPLICA,
     * INVALID_REQUEST or UNSAFE_CHANGE where it was refused.
     *
     * @param targets brokers in assignment order, the preferred leader first; at least one for each partition
     */
    public List<ReassignmentOutcome> reassignPartitions(
            Map<TopicPartition, List<Integer>> targets, ReassignmentOptions options) {
        return join(reassignPartitionsAsync(targets, options));
    }

    /** The same without waiting. */
    public CompletableFuture<List<ReassignmentOutcome>> reassignPartitionsAsync(
            Map<TopicPartition, List<Integer>> targets, ReassignmentOptions options) {
        return reassignments.begin(targets, options);
    }

    /**
     * Ends reassignments that are under way: the partitions go back to the replicas from before. Refused with
     * NO_REASSIGNMENT where there is none, which after a lost answer may mean that it is cancelled.
     */
    public List<ReassignmentOutcome> cancelReassignments(Collection<TopicPartition> partitions) {
        return join(cancelReassignmentsAsync(partitions));
    }

    /** The same without waiting. */
    public CompletableFuture<List<ReassignmentOutcome>> cancelReassignmentsAsync(
            Collection<TopicPartition> partitions) {
        return reassignments.cancel(partitions);
    }

    /**
     * Begins to move a replica to another log directory of its broker, and returns; {@link #describeLogDirectories} tells
     * how far it is. Throws {@link LograftException} with UNKNOWN_TOPIC, UNKNOWN_PARTITION, UNKNOWN_BROKER, DISK_FULL,
     * BUSY or INVALID_REQUEST.
     *
     * @param directory path or id
     */
    public void moveReplica(TopicPartition partition, int brokerId, String directory) {
        join(moveReplicaAsync(partition, brokerId, directory));
    }

    /** The same without waiting. */
    public CompletableFuture<Void> moveReplicaAsync(TopicPartition partition, int brokerId, String directory) {
        return call(
                always(
                        LogDirectoryServiceGrpc.getMoveReplicaMethod(),
                        LogDirectoryReplies.move(partition, brokerId, directory)),
                reply -> null);
    }

    /** The log directories of a broker, and the replicas on their way between them. */
    public LogDirectories describeLogDirectories(int brokerId) {
        return join(describeLogDirectoriesAsync(brokerId));
    }

    /** The same without waiting. */
    public CompletableFuture<LogDirectories> describeLogDirectoriesAsync(int brokerId) {
        return call(
                always(
                        LogDirectoryServiceGrpc.getDescribeLogDirectoriesMethod(),
                        LogDirectoryReplies.question(brokerId)),
                reply -> LogDirectoryReplies.directories(brokerId, reply));
    }

    /** Which brokers take part, which do not, and why, as far as the broker that answers knows; ordered by id. */
    public List<BrokerFencing> describeFencing() {
        return join(describeFencingAsync());
    }

    /** The same without waiting. */
    public CompletableFuture<List<BrokerFencing>> describeFencingAsync() {
        return call(
                always(AdminServiceGrpc.getDescribeFencingMethod(), DescribeFencingRequest.getDefaultInstance()),
                reply -> reply.getBrokersList().stream()
                        .map(AdminReplies::fencing)
                        .toList());
    }

    /**
     * Makes a live broker a voter of the metadata quorum; everything goes on meanwhile, and the broker needs no restart.
     * One at a time. Throws {@link LograftException} with ALREADY_A_VOTER, UNKNOWN_BROKER, BROKER_FENCED,
     * MAJORITY_WOULD_BE_LOST, VOTER_NOT_CAUGHT_UP, VOTER_CHANGE_IN_PROGRESS or OUTCOME_UNKNOWN.
     *
     * @param timeout how long it may take, at most five minutes
     */
    public QuorumDescription.Change addVoter(int brokerId, Duration timeout) {
        return join(addVoterAsync(brokerId, timeout));
    }

    /** The same without waiting. */
    public CompletableFuture<QuorumDescription.Change> addVoterAsync(int brokerId, Duration timeout) {
        AddVoterRequest request = AddVoterRequest.newBuilder()
                .setBrokerId(brokerId)
                .setTimeoutMs((int) timeout.toMillis())
                .build();
        return change(AdminServiceGrpc.getAddVoterMethod(), request, timeout);
    }

    /**
     * Takes a broker's vote in the metadata quorum away, be it dead or alive; a live one goes on as a broker. Throws
     * {@link LograftException} with UNKNOWN_VOTER, MAJORITY_WOULD_BE_LOST, VOTER_CHANGE_IN_PROGRESS or OUTCOME_UNKNOWN.
     *
     * @param timeout how long it may take, at most five minutes
     */
    public QuorumDescription.Change removeVoter(int brokerId, Duration timeout) {
        return join(removeVoterAsync(brokerId, timeout));
    }

    /** The same without waiting. */
    public CompletableFuture<QuorumDescription.Change> removeVoterAsync(int brokerId, Duration timeout) {
        RemoveVoterRequest request = RemoveVoterRequest.newBuilder()
                .setBrokerId(brokerId)
                .setTimeoutMs((int) timeout.toMillis())
                .build();
        return change(AdminServiceGrpc.getRemoveVoterMethod(), request, timeout);
    }

    /**
     * Makes this voter the controller. Throws {@link LograftException} with UNKNOWN_VOTER or VOTER_NOT_CAUGHT_UP.
     *
     * @param timeout how long it may take, at most five minutes
     */
    public QuorumDescription.Change transferMetadataLeadership(int brokerId, Duration timeout) {
        return join(transfer(TransferMetadataLeadershipRequest.newBuilder().setBrokerId(brokerId), timeout));
    }

    /** Makes any other voter that has caught up the controller. */
    public QuorumDescription.Change transferMetadataLeadership(Duration timeout) {
        return join(transfer(TransferMetadataLeadershipRequest.newBuilder(), timeout));
    }

    private CompletableFuture<QuorumDescription.Change> transfer(
            TransferMetadataLeadershipRequest.Builder request, Duration timeout) {
        return change(
                AdminServiceGrpc.getTransferMetadataLeadershipMethod(),
                request.setTimeoutMs((int) timeout.toMillis()).build(),
                timeout);
    }

    private <Q> CompletableFuture<QuorumDescription.Change> change(
            MethodDescriptor<Q, ChangeQuorumResponse> method, Q request, Duration timeout) {
        CompletableFuture<QuorumDescription.Change> done = new CompletableFuture<>();
        // The broker gives up first, so that its answer says what became of the change.
        session.calls()
                .anyBrokerPatiently(
                        always(method, request),
                        timeout.toMillis() + timeoutMs,
                        reply -> AdminReplies.finish(
                                done,
                                reply,
                                answer -> new QuorumDescription.Change(
                                        answer.getLeaderId(), List.copyOf(answer.getVotersList()))));
        return done;
    }

    /** The offset behind the newest committed record of each partition. */
    public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions) {
        return offsets.existing(partitions, new OffsetLookup.Latest());
    }

    /** The offset of the oldest record of each partition. */
    public Map<TopicPartition, Long> beginningOffsets(Collection<TopicPartition> partitions) {
        return offsets.existing(partitions, new OffsetLookup.Earliest());
    }

    /**
     * The committed record with the greatest timestamp of each partition, the first of them where several have it; none
     * for a partition without records. With times that producers set it need not be the newest.
     */
    public Map<TopicPartition, OffsetAndTimestamp> maxTimestampOffsets(Collection<TopicPartition> partitions) {
        return offsets.withMaxTimestamp(partitions);
    }

    /** A question whose answer is never a refusal. */
    private static <Q, R> Calls.Question<Q, R> always(MethodDescriptor<Q, R> method, Q request) {
        return new Calls.Question<>(method, request, answer -> null);
    }

    private <Q, R, T> CompletableFuture<T> call(Calls.Question<Q, R> question, Function<R, T> decode) {
        CompletableFuture<T> done = new CompletableFuture<>();
        session.calls().anyBroker(question, timeoutMs, reply -> AdminReplies.finish(done, reply, decode));
        return done;
    }

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LograftException failure) {
                throw new LograftException(failure.code(), failure.reason(), failure);
            }
            throw e;
        }
    }
}
