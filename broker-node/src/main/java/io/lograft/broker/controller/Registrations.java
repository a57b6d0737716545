package io.lograft.broker.controller;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.ProbeResponse;
import io.lograft.proto.v1.SessionRequest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Registers brokers, or resumes their sessions. A broker id that another process seems to hold is given away only once
 * nobody answers for the old process at its port. Owned by: controller loop.
 */
final class Registrations {
    private final ControllerRuntime runtime;
    private final EventLoop loop;
    private final BrokerProbe probe;
    private final Function<MetadataCommand, CompletableFuture<CommandReply>> quorum;

    Registrations(
            ControllerRuntime runtime,
            EventLoop loop,
            BrokerProbe probe,
            Function<MetadataCommand, CompletableFuture<CommandReply>> quorum) {
        this.runtime = runtime;
        this.loop = loop;
        this.probe = probe;
        this.quorum = quorum;
    }

    /** A registration that is asked for; everything in it is well-formed. */
    private record Asked(
            SessionPeer peer, SessionRequest.Register request, UUID incarnation, List<DirectoryId> directories) {}

    /** The first message of a session; throws IllegalArgumentException where something in it is malformed. */
    void register(SessionPeer peer, SessionRequest.Register request) {
        String clusterId = runtime.image().clusterId();
        if (!request.getClusterId().isEmpty() && !request.getClusterId().equals(clusterId)) {
            peer.close(
                    ErrorCode.CLUSTER_ID_MISMATCH,
                    "broker " + request.getBrokerId() + " at " + request.getHost() + ":" + request.getPort()
                            + " has directories of cluster " + request.getClusterId() + ", but the controller, "
                            + runtime.describeSelf() + ", is of cluster " + clusterId);
            return;
        }
        BrokerId id = new BrokerId(request.getBrokerId());
        UUID incarnation = uuid(request.getIncarnationId().asReadOnlyByteBuffer());
        List<DirectoryId> directories =
                request.getDirectoryIdsList().stream().map(DirectoryId::parse).toList();
        Asked asked = new Asked(peer, request, incarnation, directories);
        Optional<BrokerImage> known = runtime.image().broker(id);
        boolean isSameProcess =
                known.filter(broker -> broker.incarnation().equals(incarnation)).isPresent();
        if (isSameProcess) {
            runtime.open(peer, known.get().ref(), request.getBrokerEpoch() != 0, request.getKnownIndex());
            return;
        }
        if (request.getBrokerEpoch() != 0) {
            peer.close(
                    ErrorCode.STALE_BROKER_EPOCH,
                    "broker " + id + " registered under epoch " + request.getBrokerEpoch()
                            + ", another process has registered since"
                            + known.map(broker -> " under " + broker.epoch() + " at " + broker.address())
                                    .orElse(""));
            return;
        }
        if (runtime.holder(id) == BrokerLiveness.Holder.NONE) {
            submit(asked, false);
        } else {
            BrokerImage holder = known.orElseThrow();
            probe.ask(id, finding -> probed(asked, holder, finding.answer()));
        }
    }

    private void probed(Asked asked, BrokerImage holder, Optional<ProbeResponse> answer) {
        SessionRequest.Register request = asked.request();
        boolean isOther = answer.isPresent()
                && !uuid(answer.get().getIncarnationId().asReadOnlyByteBuffer()).equals(holder.incarnation());
        // A holder whose stream is open and that is merely slow to answer is alive; only another process in its place
        // shows that it is gone. Without a stream, silence does, too.
        boolean isAlive = answer.isPresent() || runtime.holder(holder.id()) == BrokerLiveness.Holder.LIVE;
        if (isAlive && !isOther) {
            asked.peer()
                    .close(
                            ErrorCode.DUPLICATE_BROKER_ID,
                            "broker id " + request.getBrokerId() + " is that of a live broker at " + holder.address()
                                    + "; the broker at " + request.getHost() + ":" + request.getPort()
                                    + " needs another broker.id");
        } else {
            submit(asked, true);
        }
    }

    private void submit(Asked asked, boolean replaceLive) {
        SessionRequest.Register request = asked.request();
        MetadataCommand command = new MetadataCommand.RegisterBroker(
                new BrokerId(request.getBrokerId()),
                asked.incarnation(),
                request.getClusterId(),
                new BrokerAddress(request.getHost(), request.getPort(), request.getRaft()),
                asked.directories(),
                !request.getHasOfflineDirectories(),
                replaceLive);
        quorum.apply(command).thenAccept(reply -> loop.execute(() -> answered(asked.peer(), request, reply)));
    }

    private void answered(SessionPeer peer, SessionRequest.Register request, CommandReply reply) {
        if (reply.result() instanceof CommandReply.Registered registered) {
            BrokerRef ref = new BrokerRef(new BrokerId(request.getBrokerId()), registered.brokerEpoch());
            runtime.open(peer, ref, false, -1);
        } else {
            peer.close(reply.error(), reply.message());
        }
    }

    private static UUID uuid(ByteBuffer bytes) {
        return bytes.remaining() == 16 ? new UUID(bytes.getLong(), bytes.getLong()) : new UUID(0, 0);
    }
}
