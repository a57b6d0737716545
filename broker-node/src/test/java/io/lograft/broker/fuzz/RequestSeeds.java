package io.lograft.broker.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.DirectoryAssignment;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.LeaderElection;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.Acks;
import io.lograft.proto.v1.BarrierRequest;
import io.lograft.proto.v1.ChangeVotersRequest;
import io.lograft.proto.v1.CommitOffsetsRequest;
import io.lograft.proto.v1.CommittedOffset;
import io.lograft.proto.v1.ConsumerHeartbeatRequest;
import io.lograft.proto.v1.DeleteGroupsRequest;
import io.lograft.proto.v1.DescribeGroupsRequest;
import io.lograft.proto.v1.DescribeLogDirectoriesRequest;
import io.lograft.proto.v1.DescribeLogDirectoriesResponse;
import io.lograft.proto.v1.DescribeTopicsRequest;
import io.lograft.proto.v1.EpochStart;
import io.lograft.proto.v1.FetchOffsetsRequest;
import io.lograft.proto.v1.FetchOneRequest;
import io.lograft.proto.v1.FetchPosition;
import io.lograft.proto.v1.FetchRemoval;
import io.lograft.proto.v1.FetchRequest;
import io.lograft.proto.v1.FindControllerRequest;
import io.lograft.proto.v1.FindCoordinatorRequest;
import io.lograft.proto.v1.Follow;
import io.lograft.proto.v1.FollowRefused;
import io.lograft.proto.v1.FollowerAck;
import io.lograft.proto.v1.Following;
import io.lograft.proto.v1.GroupProtocol;
import io.lograft.proto.v1.HeartbeatRequest;
import io.lograft.proto.v1.JoinGroupRequest;
import io.lograft.proto.v1.LeaveGroupRequest;
import io.lograft.proto.v1.ListOffsetsRequest;
import io.lograft.proto.v1.LogDirectory;
import io.lograft.proto.v1.MoveReplicaRequest;
import io.lograft.proto.v1.NewRecord;
import io.lograft.proto.v1.OffsetQuery;
import io.lograft.proto.v1.PrepareVoterRequest;
import io.lograft.proto.v1.PrepareVoterResponse;
import io.lograft.proto.v1.ProduceBatch;
import io.lograft.proto.v1.ProduceRequest;
import io.lograft.proto.v1.PublishOneRequest;
import io.lograft.proto.v1.PublishRequest;
import io.lograft.proto.v1.ReplicaAppend;
import io.lograft.proto.v1.ReplicateRequest;
import io.lograft.proto.v1.ReplicateResponse;
import io.lograft.proto.v1.SessionRequest;
import io.lograft.proto.v1.StreamKind;
import io.lograft.proto.v1.SubmitRequest;
import io.lograft.proto.v1.SubscribeRequest;
import io.lograft.proto.v1.SyncGroupRequest;
import io.lograft.proto.v1.Unfollow;
import io.lograft.proto.v1.WatchMetadataRequest;
import io.lograft.record.BatchHeader;
import io.lograft.wire.WireBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/** Good calls of the services to begin from, in the form that {@link FuzzedService} describes. */
final class RequestSeeds {
    private static final ByteString TOPIC = WireBytes.topicId(FuzzedBroker.TOPIC);
    /** The client goes away instead of ending the stream. */
    private static final int GOES_AWAY = 0x80;

    /** Takes an input of a target. */
    interface Sink {
        void put(String target, String name, byte[] input) throws IOException;
    }

    private RequestSeeds() {}

    static void write(Sink sink) throws IOException {
        produce(sink);
        fetch(sink);
        metadata(sink);
        toLeader(sink);
        toFollower(sink);
        simple(sink);
        controller(sink);
        submit(sink);
        voters(sink);
        directories(sink);
        groups(sink);
    }

    private static void produce(Sink sink) throws IOException {
        sink.put("ProduceRequestFuzz", "id", call(0));
        ProduceRequest all = ProduceRequest.newBuilder()
                .addBatches(batch(1, FuzzedBroker.LED, Acks.ACKS_ALL))
                .addBatches(batch(3, FuzzedBroker.LED, Acks.ACKS_LEADER))
                .addBatches(batch(5, FuzzedBroker.LED, Acks.ACKS_NONE))
                .build();
        ProduceRequest elsewhere = ProduceRequest.newBuilder()
                .addBatches(batch(7, FuzzedBroker.FOLLOWED, Acks.ACKS_ALL))
                .addBatches(batch(9, new PartitionId(FuzzedBroker.TOPIC, 9), Acks.ACKS_ALL))
                .build();
        sink.put("ProduceRequestFuzz", "batches", stream(1, all, elsewhere));
        ProduceBatch far = batch(11, FuzzedBroker.LED, Acks.ACKS_ALL).toBuilder()
                .setTimeoutMs(Integer.MAX_VALUE)
                .setCurrentLeaderEpoch(-1)
                .build();
        byte[] last = FuzzedBroker.batch();
        ByteBuffer.wrap(last).putLong(BatchHeader.BASE_OFFSET_POSITION, Long.MAX_VALUE);
        ProduceRequest extremes = ProduceRequest.newBuilder()
                .addBatches(far)
                .addBatches(far.toBuilder().setRecords(ByteString.copyFrom(last)))
                .addBatches(far.toBuilder().setPartition(-1))
                .addBatches(far.toBuilder().clearTopicId())
                .addBatches(far.toBuilder().clearRecords())
                .build();
        sink.put("ProduceRequestFuzz", "extremes", stream(1, extremes));
        sink.put("ProduceRequestFuzz", "away", stream(1 | GOES_AWAY, all));
    }

    private static ProduceBatch batch(long correlationId, PartitionId partition, Acks acks) {
        return ProduceBatch.newBuilder()
                .setCorrelationId(correlationId)
                .setTopicId(TOPIC)
                .setPartition(partition.partition())
                .setCurrentLeaderEpoch(FuzzedBroker.LEADER_EPOCH)
                .setAcks(acks)
                .setRecords(ByteString.copyFrom(FuzzedBroker.batch()))
                .build();
    }

    private static void fetch(Sink sink) throws IOException {
        FetchRequest begin = FetchRequest.newBuilder()
                .setCreditBytes(1 << 20)
                .addAssign(position(FuzzedBroker.LED, 0))
                .addAssign(position(FuzzedBroker.FOLLOWED, 0))
                .build();
        FetchRequest move = FetchRequest.newBuilder()
                .setCreditBytes(100)
                .addRemove(FetchRemoval.newBuilder().setTopicId(TOPIC).setPartition(FuzzedBroker.FOLLOWED.partition()))
                .addAssign(position(FuzzedBroker.LED, 2))
                .build();
        FetchRequest beyond = FetchRequest.newBuilder()
                .addAssign(position(FuzzedBroker.LED, 1_000))
                .build();
        sink.put("FetchRequestFuzz", "positions", stream(0, begin, move, beyond));
        FetchRequest extremes = FetchRequest.newBuilder()
                .setCreditBytes(Long.MAX_VALUE)
                .setMaxPartitionBytes(-1)
                .addAssign(position(FuzzedBroker.LED, Long.MAX_VALUE))
                .addAssign(position(FuzzedBroker.LED, -1))
                .addAssign(position(FuzzedBroker.LED, 3).toBuilder().setLastReadEpoch(1))
                .build();
        FetchRequest negative = FetchRequest.newBuilder().setCreditBytes(-1).build();
        sink.put("FetchRequestFuzz", "extremes", stream(0, extremes, extremes, negative));
        sink.put("FetchRequestFuzz", "away", stream(GOES_AWAY, begin));
    }

    private static FetchPosition position(PartitionId partition, long offset) {
        return FetchPosition.newBuilder()
                .setTopicId(TOPIC)
                .setPartition(partition.partition())
                .setOffset(offset)
                .setCurrentLeaderEpoch(FuzzedBroker.LEADER_EPOCH)
                .setLastReadEpoch(offset == 0 ? -1 : FuzzedBroker.LEADER_EPOCH - 1)
                .setNumber(1)
                .build();
    }

    private static void metadata(Sink sink) throws IOException {
        sink.put("MetadataRequestFuzz", "cluster", call(0));
        sink.put(
                "MetadataRequestFuzz",
                "topics",
                call(
                        1,
                        DescribeTopicsRequest.newBuilder()
                                .addNames("orders")
                                .addNames("no-such")
                                .setIncludeLogState(true)
                                .build()));
        OffsetQuery query = OffsetQuery.newBuilder().setTopicId(TOPIC).build();
        sink.put(
                "MetadataRequestFuzz",
                "offsets",
                call(
                        2,
                        ListOffsetsRequest.newBuilder()
                                .addQueries(query.toBuilder().setEarliest(true))
                                .addQueries(query.toBuilder().setLatest(true))
                                .addQueries(query.toBuilder().setAtOrAfterMs(1_500))
                                .addQueries(query.toBuilder().setAgeOfOffset(1))
                                .addQueries(query.toBuilder().setMaxTimestamp(true))
                                .addQueries(query.toBuilder().setPartition(1).setLatest(true))
                                .addQueries(query.toBuilder().setPartition(-1).setLatest(true))
                                .addQueries(query.toBuilder().setAtOrAfterMs(Long.MIN_VALUE))
                                .addQueries(query.toBuilder().setAgeOfOffset(-1))
                                .build()));
        sink.put("MetadataRequestFuzz", "names", call(3));
        sink.put(
                "MetadataRequestFuzz",
                "watch",
                call(4, WatchMetadataRequest.newBuilder().addTopics("orders").build()));
    }

    private static void toLeader(Sink sink) throws IOException {
        ReplicateRequest hello = ReplicateRequest.newBuilder()
                .setHello(ReplicateRequest.Hello.newBuilder()
                        .setClusterId(FuzzedBroker.CLUSTER)
                        .setBrokerId(FuzzedBroker.OTHER.value())
                        .setBrokerEpoch(FuzzedBroker.BROKER_EPOCH)
                        .setKind(StreamKind.STREAM_KIND_IN_SYNC))
                .build();
        Follow follow = Follow.newBuilder()
                .setTopicId(TOPIC)
                .setLeaderEpoch(FuzzedBroker.LEADER_EPOCH)
                .setNumber(1)
                .setLogEndOffset(2)
                .addEpochs(EpochStart.newBuilder().setEpoch(FuzzedBroker.LEADER_EPOCH - 1))
                .build();
        FollowerAck ack = FollowerAck.newBuilder()
                .setTopicId(TOPIC)
                .setLeaderEpoch(FuzzedBroker.LEADER_EPOCH)
                .setNumber(1)
                .setLogEndOffset(4)
                .setFlushedOffset(2)
                .build();
        Unfollow unfollow = Unfollow.newBuilder().setTopicId(TOPIC).setNumber(1).build();
        ReplicateRequest follows = ReplicateRequest.newBuilder()
                .addFollows(follow)
                .addFollows(follow.toBuilder().setPartition(1))
                .addFollows(follow.toBuilder().setPartition(9))
                .build();
        ReplicateRequest acks = ReplicateRequest.newBuilder().addAcks(ack).build();
        ReplicateRequest ends =
                ReplicateRequest.newBuilder().addUnfollows(unfollow).build();
        sink.put("ReplicationRequestFuzz", "follow", stream(0, hello, follows, acks, ends));
        ReplicateRequest extremes = ReplicateRequest.newBuilder()
                .addFollows(follow.toBuilder()
                        .setNumber(2)
                        .setLogStartOffset(Long.MAX_VALUE)
                        .setLogEndOffset(Long.MIN_VALUE)
                        .setRefilledBelow(-1)
                        .addEpochs(EpochStart.newBuilder().setEpoch(-1).setStartOffset(-1)))
                .addAcks(ack.toBuilder()
                        .setNumber(2)
                        .setLogEndOffset(Long.MAX_VALUE)
                        .setFlushedOffset(-1)
                        .setLogStartOffset(Long.MAX_VALUE))
                .addFollows(follow.toBuilder().setNumber(Long.MAX_VALUE).setPartition(-1))
                .build();
        sink.put("ReplicationRequestFuzz", "extremes", stream(0, hello, extremes));
        ReplicateRequest noId = hello.toBuilder()
                .setHello(hello.getHello().toBuilder().setBrokerId(-1))
                .build();
        sink.put("ReplicationRequestFuzz", "no-id", stream(0, noId, follows));
        sink.put("ReplicationRequestFuzz", "away", stream(GOES_AWAY, hello, follows));
    }

    private static void toFollower(Sink sink) throws IOException {
        Following following = Following.newBuilder()
                .setTopicId(TOPIC)
                .setPartition(FuzzedBroker.FOLLOWED.partition())
                .setLeaderEpoch(FuzzedBroker.LEADER_EPOCH)
                .setNumber(FuzzedBroker.FOLLOW_NUMBER)
                .setTruncateTo(4)
                .setHighWatermark(2)
                .build();
        sink.put(
                "ReplicationResponseFuzz",
                "append",
                messages(followings(following), appends(4), appends(6), appends(7)));
        sink.put(
                "ReplicationResponseFuzz",
                "truncate",
                messages(followings(following.toBuilder().setTruncateTo(2).build()), appends(2)));
        sink.put(
                "ReplicationResponseFuzz",
                "start-over",
                messages(
                        followings(following.toBuilder()
                                .setPartition(FuzzedBroker.REFILLED.partition())
                                .setHighWatermark(1_000)
                                .setTruncateTo(100)
                                .setStartOver(true)
                                .build()),
                        appends(FuzzedBroker.REFILLED, 100)));
        Following inside = following.toBuilder()
                .setPartition(FuzzedBroker.REFILLED.partition())
                .setHighWatermark(1_000)
                .setTruncateTo(99)
                .setStartOver(true)
                .build();
        sink.put(
                "ReplicationResponseFuzz",
                "around",
                messages(followings(inside), from(99, appends(FuzzedBroker.REFILLED, 98))));
        extremesToFollower(sink, following);
        ReplicateResponse refused = ReplicateResponse.newBuilder()
                .addRefusals(FollowRefused.newBuilder()
                        .setTopicId(TOPIC)
                        .setPartition(FuzzedBroker.FOLLOWED.partition())
                        .setNumber(FuzzedBroker.FOLLOW_NUMBER))
                .build();
        sink.put("ReplicationResponseFuzz", "refused", messages(refused));
    }

    private static void extremesToFollower(Sink sink, Following following) throws IOException {
        for (long offset : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
            Following extreme = following.toBuilder()
                    .setTruncateTo(offset)
                    .setHighWatermark(Long.MAX_VALUE)
                    .setTombstonesGoneBelow(offset)
                    .build();
            sink.put("ReplicationResponseFuzz", "truncate" + offset, messages(followings(extreme), appends(4)));
            sink.put(
                    "ReplicationResponseFuzz",
                    "start-over" + offset,
                    messages(
                            followings(extreme.toBuilder()
                                    .setPartition(FuzzedBroker.REFILLED.partition())
                                    .setStartOver(true)
                                    .setProducers(ByteString.copyFrom(new byte[10]))
                                    .build()),
                            appends(FuzzedBroker.REFILLED, offset)));
        }
    }

    private static ReplicateResponse followings(Following following) {
        return ReplicateResponse.newBuilder().addFollowings(following).build();
    }

    private static ReplicateResponse appends(long fromOffset) {
        return appends(FuzzedBroker.FOLLOWED, fromOffset);
    }

    private static ReplicateResponse appends(PartitionId partition, long fromOffset) {
        byte[] batch = FuzzedBroker.batch();
        ByteBuffer.wrap(batch)
                .putLong(BatchHeader.BASE_OFFSET_POSITION, fromOffset)
                .putInt(BatchHeader.LEADER_EPOCH_POSITION, FuzzedBroker.LEADER_EPOCH);
        return ReplicateResponse.newBuilder()
                .addAppends(ReplicaAppend.newBuilder()
                        .setTopicId(TOPIC)
                        .setPartition(partition.partition())
                        .setLeaderEpoch(FuzzedBroker.LEADER_EPOCH)
                        .setNumber(FuzzedBroker.FOLLOW_NUMBER)
                        .setFromOffset(fromOffset)
                        .setHighWatermark(fromOffset)
                        .setRecords(ByteString.copyFrom(batch)))
                .build();
    }

    /** Says that the batches begin elsewhere than they do. An odd offset keeps a wrong checksum, see the target. */
    private static ReplicateResponse from(long fromOffset, ReplicateResponse appends) {
        ReplicaAppend append =
                appends.getAppends(0).toBuilder().setFromOffset(fromOffset).build();
        return appends.toBuilder().setAppends(0, append).build();
    }

    private static void simple(Sink sink) throws IOException {
        NewRecord record = NewRecord.newBuilder()
                .setKey(ByteString.copyFromUtf8("k"))
                .setValue(ByteString.copyFromUtf8("v"))
                .setTimestampMs(5)
                .build();
        sink.put(
                "LogServiceFuzz",
                "fetch-one",
                call(
                        0,
                        FetchOneRequest.newBuilder()
                                .setTopic("orders")
                                .setMaxRecords(1)
                                .build()));
        PublishRequest publish = PublishRequest.newBuilder()
                .setCorrelationId(1)
                .setTopic("orders")
                .setRecord(record)
                .build();
        sink.put("LogServiceFuzz", "publish", stream(1, publish, publish));
        PublishRequest named =
                publish.toBuilder().setProducerName("p").setSequence(1).build();
        sink.put(
                "LogServiceFuzz",
                "publish-named",
                stream(1, named, named.toBuilder().setSequence(2).build()));
        sink.put(
                "LogServiceFuzz",
                "publish-one",
                call(
                        2,
                        PublishOneRequest.newBuilder()
                                .setTopic("orders")
                                .setRecord(record)
                                .build()));
        SubscribeRequest alone = SubscribeRequest.newBuilder()
                .setStart(
                        SubscribeRequest.Start.newBuilder().addTopics("orders").setCreditBytes(100))
                .build();
        sink.put("LogServiceFuzz", "subscribe", stream(3, alone));
        SubscribeRequest group = SubscribeRequest.newBuilder()
                .setStart(alone.getStart().toBuilder().setGroup("g"))
                .build();
        SubscribeRequest commit = SubscribeRequest.newBuilder()
                .setCommit(SubscribeRequest.Commit.newBuilder()
                        .addPositions(SubscribeRequest.Position.newBuilder()
                                .setTopic("orders")
                                .setOffset(4)))
                .build();
        SubscribeRequest release = SubscribeRequest.newBuilder()
                .setRelease(SubscribeRequest.Release.newBuilder()
                        .addPartitions(
                                io.lograft.proto.v1.TopicPartition.newBuilder().setTopic("orders")))
                .build();
        SubscribeRequest credit =
                SubscribeRequest.newBuilder().setCreditBytes(10).build();
        sink.put("LogServiceFuzz", "subscribe-group", stream(3, group, credit, commit, release));
        unusualSubscriptions(sink, group, commit);
    }

    private static void unusualSubscriptions(Sink sink, SubscribeRequest group, SubscribeRequest commit)
            throws IOException {
        sink.put("LogServiceFuzz", "subscribe-away", stream(3 | GOES_AWAY, group, commit));
        SubscribeRequest timed = SubscribeRequest.newBuilder()
                .setStart(group.getStart().toBuilder()
                        .setTopicPattern("ord.*|x")
                        .setReleaseTimeoutMs(60_000)
                        .setSessionTimeoutMs(Integer.MAX_VALUE))
                .build();
        sink.put("LogServiceFuzz", "subscribe-timed", stream(3, timed));
        SubscribeRequest pattern = timed.toBuilder()
                .setStart(timed.getStart().toBuilder().setSessionTimeoutMs(20 * 86_400_000))
                .build();
        sink.put("LogServiceFuzz", "subscribe-pattern", stream(3, pattern));
    }

    private static void controller(Sink sink) throws IOException {
        SessionRequest.Register register = SessionRequest.Register.newBuilder()
                .setBrokerId(3)
                .setIncarnationId(ByteString.copyFrom(new byte[16]))
                .setHost("host-3")
                .setPort(7400)
                .build();
        SessionRequest comes = SessionRequest.newBuilder().setRegister(register).build();
        // Its registration follows those of two others and a topic.
        BrokerRef ref = new BrokerRef(new BrokerId(3), 7);
        PartitionId orders = new PartitionId(FuzzedBroker.TOPIC, 0);
        SessionRequest unfence = SessionRequest.newBuilder()
                .setUnfence(command(new MetadataCommand.UnfenceBroker(ref, List.of())))
                .build();
        SessionRequest proposal = SessionRequest.newBuilder()
                .setIsrProposals(command(
                        new MetadataCommand.AlterIsr(List.of(new IsrProposal(orders, ref, 1, 1, List.of(ref))))))
                .build();
        SessionRequest handOver = SessionRequest.newBuilder()
                .setHandOver(
                        command(new MetadataCommand.HandOverLeadership(List.of(new HandOverRequest(orders, ref, 1)))))
                .build();
        SessionRequest beat = SessionRequest.newBuilder()
                .setHeartbeat(SessionRequest.Heartbeat.newBuilder())
                .build();
        SessionRequest drain = SessionRequest.newBuilder()
                .setDrain(SessionRequest.Drain.newBuilder())
                .build();
        int session = 4;
        sink.put(
                "ControllerRequestFuzz",
                "session",
                stream(session, comes, beat, unfence, proposal, handOver, drain, comes));
        SessionRequest.Register live = register.toBuilder().setBrokerId(2).build();
        sink.put(
                "ControllerRequestFuzz",
                "live",
                stream(session, SessionRequest.newBuilder().setRegister(live).build(), beat));
        sink.put(
                "ControllerRequestFuzz",
                "live-bad",
                stream(
                        session,
                        SessionRequest.newBuilder()
                                .setRegister(live.toBuilder()
                                        .addDirectoryIds("no id")
                                        .setPort(-1))
                                .build()));
        sink.put("ControllerRequestFuzz", "away", stream(session | GOES_AWAY, comes, beat));
        for (int method = 0; method < 6; method++) {
            sink.put("ControllerRequestFuzz", "empty-" + method, stream(method));
        }
    }

    /** Commands as they come from brokers and, through these, from administrators. */
    private static void submit(Sink sink) throws IOException {
        BrokerRef ref = new BrokerRef(FuzzedBroker.OTHER, 4);
        PartitionId orders = new PartitionId(FuzzedBroker.TOPIC, 0);
        TreeMap<String, String> configs = new TreeMap<>(Map.of("retention.ms", "5"));
        DirectoryId directory = new DirectoryId(new UUID(3, 4));
        Map<String, MetadataCommand> commands = new TreeMap<>();
        commands.put("noop", new MetadataCommand.NoOp());
        commands.put(
                "create",
                new MetadataCommand.CreateTopic(
                        new TopicId(8, 8), "new", 2, 0, configs, TopicDefaults.STANDARD, 5, false, false));
        commands.put("delete", new MetadataCommand.DeleteTopic("orders", Optional.of(FuzzedBroker.TOPIC)));
        commands.put("add-partitions", new MetadataCommand.AddPartitions("orders", 5, 6));
        commands.put(
                "alter",
                new MetadataCommand.AlterTopic("orders", configs, new TreeSet<>(Set.of("segment.bytes")), false));
        commands.put("isr", new MetadataCommand.AlterIsr(List.of(new IsrProposal(orders, ref, 1, 1, List.of(ref)))));
        commands.put("report", new MetadataCommand.ReportDirectories(ref, List.of(directory), List.of(directory)));
        commands.put(
                "assign",
                new MetadataCommand.AssignDirectories(ref, List.of(new DirectoryAssignment(orders, directory))));
        commands.put("producer-ids", new MetadataCommand.AllocateProducerIds(ref, 1_000));
        commands.put("preferred", new MetadataCommand.ElectPreferredLeaders(10));
        commands.put("elect", new MetadataCommand.ElectLeaders(List.of(orders), LeaderElection.PREFERRED));
        commands.put("drain", new MetadataCommand.DrainBroker(ref, true));
        commands.put("not-open", new MetadataCommand.FenceBrokers(List.of(ref)));
        for (Map.Entry<String, MetadataCommand> command : commands.entrySet()) {
            SubmitRequest request = SubmitRequest.newBuilder()
                    .setClusterId(FuzzedBroker.CLUSTER)
                    .setCommand(command(command.getValue()))
                    .build();
            sink.put("ControllerRequestFuzz", "submit-" + command.getKey(), call(5, request));
        }
        sink.put(
                "ControllerRequestFuzz",
                "barrier-other",
                call(0, BarrierRequest.newBuilder().setClusterId("other").build()));
        sink.put(
                "ControllerRequestFuzz",
                "find",
                call(2, FindControllerRequest.newBuilder().setWaitMs(1).build()));
    }

    private static void voters(Sink sink) throws IOException {
        String voter = "2@host-2:7401/7400#" + "0123456789abcdef".repeat(2);
        byte[] ready = PrepareVoterResponse.newBuilder().setSelf(voter).build().toByteArray();
        ChangeVotersRequest change = ChangeVotersRequest.newBuilder()
                .setClusterId(FuzzedBroker.CLUSTER)
                .setTimeoutMs(2_000)
                .build();
        sink.put(
                "QuorumRequestFuzz",
                "add-remove",
                calls(
                        ready,
                        call(0, change.toBuilder().setAdd(2).build()),
                        call(0, change.toBuilder().setRemove(4).build()),
                        call(0, change.toBuilder().setRemove(1).build())));
        sink.put(
                "QuorumRequestFuzz",
                "transfer",
                calls(
                        ready,
                        call(0, change.toBuilder().setTransferTo(-1).build()),
                        call(0, change.toBuilder().setTransferTo(1).build()),
                        call(0, change.toBuilder().setTransferTo(3).build())));
        sink.put(
                "QuorumRequestFuzz",
                "refused",
                calls(
                        new byte[0],
                        call(0, change.toBuilder().setAdd(2).build()),
                        call(0, change.toBuilder().setAdd(-1).build()),
                        call(0, change)));
        PrepareVoterRequest prepare = PrepareVoterRequest.newBuilder()
                .addFormation(voter)
                .addFormation(voter.replace("2@", "1@"))
                .build();
        sink.put(
                "QuorumRequestFuzz",
                "prepare",
                calls(
                        ready,
                        call(1, prepare),
                        call(1),
                        call(1, prepare.toBuilder().addFormation(voter).build())));
    }

    private static void directories(Sink sink) throws IOException {
        DescribeLogDirectoriesRequest describe =
                DescribeLogDirectoriesRequest.newBuilder().setBrokerId(1).build();
        MoveReplicaRequest move = MoveReplicaRequest.newBuilder()
                .setBrokerId(1)
                .setTopic("orders")
                .setDirectory("/b")
                .build();
        byte[] refused = new byte[0];
        byte[] described = DescribeLogDirectoriesResponse.newBuilder()
                .addDirectories(LogDirectory.newBuilder().setPath("/c"))
                .build()
                .toByteArray();
        sink.put("LogDirectoryRequestFuzz", "move", calls(refused, call(1, move), call(0, describe)));
        sink.put(
                "LogDirectoryRequestFuzz",
                "refused",
                calls(
                        refused,
                        call(1, move.toBuilder().setTopic("../\u0000/\uffff").build()),
                        call(1, move.toBuilder().setPartition(-1).build()),
                        call(1, move.toBuilder().setDirectory("").build()),
                        call(0, describe)));
        sink.put(
                "LogDirectoryRequestFuzz",
                "elsewhere",
                calls(
                        described,
                        call(0, describe.toBuilder().setBrokerId(2).build()),
                        call(1, move.toBuilder().setBrokerId(2).build()),
                        call(1, move.toBuilder().setBrokerId(-1).build()),
                        call(1, move.toBuilder().setBrokerId(9).build())));
        sink.put(
                "LogDirectoryRequestFuzz",
                "stopping",
                calls(refused, call(1, move), call(1, move), call(1, move), call(0, describe)));
    }

    private static void groups(Sink sink) throws IOException {
        ConsumerHeartbeatRequest beat = ConsumerHeartbeatRequest.newBuilder()
                .setGroupId("g")
                .setMemberId("m")
                .addTopics("orders")
                .setClientId("c")
                .build();
        CommitOffsetsRequest commit = CommitOffsetsRequest.newBuilder()
                .setGroupId("g")
                .setGenerationId(1)
                .setMemberId("m")
                .addOffsets(CommittedOffset.newBuilder()
                        .setTopicId(TOPIC)
                        .setOffset(2)
                        .setMetadata("x"))
                .build();
        sink.put(
                "GroupRequestFuzz",
                "consumer",
                calls(
                        call(1, beat),
                        call(1, beat.toBuilder().setMemberEpoch(1).build()),
                        call(0, commit),
                        call(4, FetchOffsetsRequest.newBuilder().setGroupId("g").build()),
                        call(
                                3,
                                DescribeGroupsRequest.newBuilder()
                                        .addGroupIds("g")
                                        .build()),
                        call(1, beat.toBuilder().setMemberEpoch(-1).build()),
                        call(
                                2,
                                DeleteGroupsRequest.newBuilder()
                                        .addGroupIds("g")
                                        .build())));
        simpleGroup(sink, commit);
        classicGroup(sink);
    }

    private static void classicGroup(Sink sink) throws IOException {
        JoinGroupRequest join = JoinGroupRequest.newBuilder()
                .setGroupId("h")
                .setSessionTimeoutMs(10_000)
                .setProtocolType("consumer")
                .addProtocols(GroupProtocol.newBuilder().setName("range"))
                .setGroupInstanceId("i")
                .build();
        sink.put(
                "GroupRequestFuzz",
                "classic",
                calls(
                        call(7, join),
                        call(
                                10,
                                SyncGroupRequest.newBuilder()
                                        .setGroupId("h")
                                        .setGenerationId(1)
                                        .build()),
                        call(
                                6,
                                HeartbeatRequest.newBuilder()
                                        .setGroupId("h")
                                        .setGenerationId(1)
                                        .build()),
                        call(9),
                        call(
                                8,
                                LeaveGroupRequest.newBuilder()
                                        .setGroupId("h")
                                        .setGroupInstanceId("i")
                                        .build())));
    }

    private static void simpleGroup(Sink sink, CommitOffsetsRequest commit) throws IOException {
        sink.put(
                "GroupRequestFuzz",
                "simple",
                calls(
                        call(
                                5,
                                FindCoordinatorRequest.newBuilder()
                                        .setGroupId("s")
                                        .build()),
                        call(
                                0,
                                commit.toBuilder()
                                        .setGroupId("s")
                                        .clearGenerationId()
                                        .clearMemberId()
                                        .build()),
                        call(
                                0,
                                commit.toBuilder()
                                        .setGroupId("s")
                                        .setGenerationId(-1)
                                        .clearMemberId()
                                        .build()),
                        call(9)));
    }

    private static ByteString command(MetadataCommand command) {
        return ByteString.copyFrom(CommandCodec.toBytes(command));
    }

    /** A call without a request or with one. */
    private static byte[] call(int method, Message... request) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.write(method);
        for (Message message : request) {
            input.writeBytes(message.toByteArray());
        }
        return input.toByteArray();
    }

    private static byte[] stream(int method, Message... requests) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.write(method);
        input.writeBytes(messages(requests));
        return input.toByteArray();
    }

    private static byte[] messages(Message... messages) {
        return calls(Stream.of(messages).map(Message::toByteArray).toArray(byte[][]::new));
    }

    /** Each after its size. */
    private static byte[] calls(byte[]... calls) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        for (byte[] call : calls) {
            input.write(call.length >> 8);
            input.write(call.length);
            input.writeBytes(call);
        }
        return input.toByteArray();
    }
}
