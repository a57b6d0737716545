package io.lograft.broker.group.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lograft.broker.group.Bytes;
import io.lograft.broker.group.CommittedOffset;
import io.lograft.broker.group.GroupKind;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupRequest;
import io.lograft.broker.group.MemberIdentity;
import io.lograft.broker.group.Subscription;
import io.lograft.broker.group.Timeouts;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.GroupLogKey;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class GroupRecordCodecTest {
    private static final PartitionId PARTITION = new PartitionId(new TopicId(0x0102030405060708L, -1), 3);
    private static final MemberIdentity MEMBER = new MemberIdentity("member-1", "instance", "client", "10.0.0.1");
    private static final Timeouts TIMEOUTS = new Timeouts(10_000, 60_000);

    private static List<GroupRecord> records() {
        GroupRecord.ClassicMemberState classic = new GroupRecord.ClassicMemberState(
                MEMBER,
                TIMEOUTS,
                List.of(
                        new GroupRequest.Protocol("sticky", Bytes.EMPTY),
                        new GroupRequest.Protocol("range", Bytes.of(new byte[] {1, 2}))),
                Bytes.of(new byte[] {3}),
                1_000);
        GroupRecord.Holdings holdings = new GroupRecord.Holdings(
                List.of(new GroupRecord.HeldPartition(PARTITION, 5)),
                List.of(new GroupRecord.HeldPartition(new PartitionId(PARTITION.topic(), 4), 6)));
        return List.of(
                new GroupRecord.ClassicGroup(
                        "g",
                        new GroupRecord.ClassicGeneration("consumer", 4, "range", "member-1", List.of(classic), 2_000)),
                new GroupRecord.ConsumerGroup("g", 7, 3_000),
                new GroupRecord.ConsumerMember(
                        "g",
                        "member-1",
                        Optional.of(new GroupRecord.ConsumerMemberState(
                                MEMBER,
                                TIMEOUTS,
                                new Subscription("uniform", List.of("b", "a"), "x.*"),
                                6,
                                1_000,
                                holdings,
                                true))),
                new GroupRecord.ConsumerMember("g", "member-1", Optional.empty()),
                new GroupRecord.Offset("g", PARTITION, Optional.of(new CommittedOffset(42, 2, "text", 9_000))),
                new GroupRecord.Offset("g", PARTITION, Optional.empty()),
                new GroupRecord.GroupRemoved("g", GroupKind.CLASSIC),
                new GroupRecord.GroupRemoved("g", GroupKind.CONSUMER));
    }

    @Test
    void everyKindComesBackAsItWas() throws Exception {
        List<Optional<GroupRecord>> decoded = new ArrayList<>();
        for (GroupRecord record : records()) {
            GroupRecordCodec.Encoded encoded = GroupRecordCodec.encode(record);
            decoded.add(GroupRecordCodec.decode(encoded.key(), encoded.value()));
        }
        assertThat(decoded).isEqualTo(records().stream().map(Optional::of).toList());
    }

    /** Logs are kept for ever, so these bytes never change. */
    @Test
    void theBytesOfAnOffsetAreTheGoldenOnes() {
        GroupRecordCodec.Encoded encoded = GroupRecordCodec.encode(records().get(4));
        assertThat(HexFormat.of().formatHex(encoded.key().toByteArray()))
                .isEqualTo("0a01672a140a100102030405060708ffffffffffffffff1003");
        assertThat(HexFormat.of().formatHex(encoded.value().orElseThrow().toByteArray()))
                .isEqualTo("082a10021a047465787420a846");
    }

    @Test
    void aKindThatANewerVersionWroteIsPassedOver() throws Exception {
        ByteString key = GroupLogKey.newBuilder().setGroupId("g").build().toByteString();
        assertThat(GroupRecordCodec.decode(key, Optional.empty())).isEmpty();
    }

    @Test
    void whatNoVersionWroteIsAnError() {
        assertThatThrownBy(() -> GroupRecordCodec.decode(ByteString.copyFrom(new byte[] {-1, -1}), Optional.empty()))
                .isInstanceOf(InvalidProtocolBufferException.class);
    }
}
