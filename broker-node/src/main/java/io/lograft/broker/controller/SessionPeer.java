package io.lograft.broker.controller;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.stub.ServerCallStreamObserver;
import io.lograft.metadata.codec.RecordCodec;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.IsrProposal;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.Failure;
import io.lograft.proto.v1.SessionResponse;
import io.lograft.wire.ErrorCodes;
import io.lograft.wire.GrpcErrors;
import io.lograft.wire.WireBytes;

/**
 * The controller's end of one session stream. Owned by: controller loop.
 */
final class SessionPeer {
    private static final int IMAGE_PART_BYTES = 1 << 20;
    private static final int UNREAD_MAX = 10_000;

    private final ServerCallStreamObserver<SessionResponse> observer;
    private BrokerRef ref;
    private long sentIndex = -1;
    private int unread;
    private boolean isRegistering;
    private boolean isClosed;

    SessionPeer(ServerCallStreamObserver<SessionResponse> observer) {
        this.observer = observer;
    }

    /** The registration that this session is of, null before it has one. */
    BrokerRef ref() {
        return ref;
    }

    boolean isClosed() {
        return isClosed;
    }

    /** True the first time: a session registers once. */
    boolean beginRegistration() {
        boolean isFirst = !isRegistering;
        isRegistering = true;
        return isFirst;
    }

    void registered(BrokerRef registration, SessionResponse.Registered answer) {
        ref = registration;
        send(SessionResponse.newBuilder().setRegistered(answer).build());
    }

    /** Sends the whole state, or nothing where the broker has it. */
    void sendImage(ClusterImage image, long knownIndex) {
        sentIndex = image.index();
        if (knownIndex == image.index()) {
            return;
        }
        SessionResponse.ImagePart.Builder part =
                SessionResponse.ImagePart.newBuilder().setIndex(image.index());
        int bytes = 0;
        for (MetadataRecord record : image.toRecords()) {
            ByteString encoded = encode(record);
            if (bytes > 0 && bytes + encoded.size() > IMAGE_PART_BYTES) {
                send(SessionResponse.newBuilder().setImagePart(part).build());
                part.clearRecords();
                bytes = 0;
            }
            part.addRecords(encoded);
            bytes += encoded.size();
        }
        send(SessionResponse.newBuilder().setImagePart(part.setLast(true)).build());
    }

    /** Sends a change, where the state was sent before. */
    void sendChange(SessionResponse change, long index) {
        if (sentIndex >= 0 && index > sentIndex) {
            sentIndex = index;
            send(change);
        }
    }

    void send(SessionResponse response) {
        if (isClosed || observer.isCancelled()) {
            return;
        }
        unread = observer.isReady() ? 0 : unread + 1;
        if (unread > UNREAD_MAX) {
            close(ErrorCode.BUSY, "the broker does not read its session: " + unread + " messages wait");
            return;
        }
        observer.onNext(response);
    }

    /** Tells of a proposal that was refused. */
    void refuseProposal(IsrProposal proposal, CommandReply reply) {
        send(SessionResponse.newBuilder()
                .setIsrRefusals(SessionResponse.IsrRefusals.newBuilder()
                        .addRefusals(SessionResponse.IsrRefusal.newBuilder()
                                .setTopicId(
                                        WireBytes.topicId(proposal.partition().topic()))
                                .setPartition(proposal.partition().partition())
                                .setFailure(Failure.newBuilder()
                                        .setCode(ErrorCodes.toProto(reply.error()))
                                        .setMessage(reply.message()))))
                .build());
    }

    /** Ends the stream. */
    void close(ErrorCode code, String message) {
        if (!isClosed) {
            isClosed = true;
            if (!observer.isCancelled()) {
                observer.onError(GrpcErrors.exception(code, message));
            }
        }
    }

    /** The stream is gone. */
    void ended() {
        isClosed = true;
    }

    static ByteString encode(MetadataRecord record) {
        return UnsafeByteOperations.unsafeWrap(RecordCodec.toBytes(record));
    }
}
