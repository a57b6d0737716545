package io.lograft.metadata.control;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand.RegisterBroker;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Admits a broker process under an id: a fresh broker epoch, and its former self is fenced in the same step. */
final class BrokerRegistration {
    private static final int PORT_MAX = 65_535;

    private BrokerRegistration() {}

    static Decision decide(ClusterImage image, long index, RegisterBroker command) {
        if (!command.clusterId().isEmpty() && !command.clusterId().equals(image.clusterId())) {
            return Decision.refused(
                    ErrorCode.CLUSTER_ID_MISMATCH,
                    "broker " + command.id() + " belongs to cluster '" + command.clusterId() + "', this is cluster '"
                            + image.clusterId() + "'");
        }
        BrokerAddress address = command.address();
        if (address.host().isEmpty() || address.port() < 1 || address.port() > PORT_MAX) {
            return Decision.refused(
                    ErrorCode.INVALID_REQUEST,
                    "broker " + command.id() + " has the address '" + address + "', which is not HOST:PORT");
        }
        Optional<BrokerImage> former = image.broker(command.id());
        if (former.isPresent() && holdsId(former.get(), command)) {
            return Decision.refused(
                    ErrorCode.DUPLICATE_BROKER_ID,
                    "broker id " + command.id() + " is held by a live process at "
                            + former.get().address() + "; refused to the one at " + address);
        }
        BrokerImage broker = new BrokerImage(
                command.id(),
                index,
                command.incarnation(),
                address,
                former.map(BrokerImage::directories)
                        .orElse(BrokerDirectories.of(List.of()))
                        .registered(
                                command.directories(),
                                command.isComplete(),
                                former.map(BrokerImage::lastUnfencedEpoch).orElse(-1L)),
                true,
                false,
                former.map(BrokerImage::lastUnfencedEpoch).orElse(-1L));
        Decision settled = BrokerChange.settle(image, index, List.of(broker), Map.of());
        return new Decision(settled.records(), CommandReply.ok(new CommandReply.Registered(index)));
    }

    private static boolean holdsId(BrokerImage former, RegisterBroker command) {
        return former.isLive()
                && !command.replaceLive()
                && !former.incarnation().equals(command.incarnation());
    }
}
