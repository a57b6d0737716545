package io.lograft.broker.controller;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedBroker;
import io.lograft.broker.fuzz.FuzzedLoop;
import io.lograft.broker.fuzz.FuzzedMetadata;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.proto.v1.DescribeVoterResponse;
import io.lograft.proto.v1.ProbeResponse;
import java.util.Optional;

/**
 * What brokers send to the controller, from the bytes to the rules of the metadata, and whether the metadata still make
 * sense afterwards. The controller is a real one of two brokers and a topic, but there is no Raft behind it: commands are
 * carried out at once. See {@link FuzzedService} and {@link FuzzedQuorum}.
 */
public final class ControllerRequestFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;

    private ControllerRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            try (FuzzedLoop loop = new FuzzedLoop()) {
                FuzzedMetadata metadata = new FuzzedMetadata();
                metadata.topic(FuzzedBroker.TOPIC, "orders", 2);
                ControllerServiceApi service = service(loop.loop(), metadata);
                loop.settle();
                new FuzzedService(service.bindService(), loop::settle).call(input);
                metadata.check();
            }
        });
    }

    private static ControllerServiceApi service(EventLoop loop, FuzzedMetadata metadata) {
        BrokerProbe probe = new BrokerProbe(loop, new PeerChannels(null, broker -> Optional.empty()), 100);
        ControllerRuntime runtime = new ControllerRuntime(
                FuzzedBroker.SELF,
                loop,
                ControllerSettings.of(LivenessSettings.of(9_000, 500)),
                probe,
                metadata::submit);
        runtime.onImage(metadata.image());
        runtime.becameController(1);
        metadata.tell((before, records, now) -> runtime.onCommitted(now.index(), before, records, now));
        return new ControllerServiceApi(
                FuzzedBroker.SELF,
                loop,
                runtime,
                new Registrations(runtime, loop, probe, metadata::submit),
                new Facts(new FuzzedQuorum(metadata)));
    }

    private record Facts(FuzzedQuorum voting) implements ControllerServiceApi.NodeFacts {
        @Override
        public BrokerFacts broker() {
            return new BrokerFacts() {
                @Override
                public ProbeResponse identity() {
                    return ProbeResponse.getDefaultInstance();
                }

                @Override
                public VoterSet knownVoters() {
                    return VoterSet.UNKNOWN;
                }
            };
        }

        @Override
        public Optional<FuzzedQuorum> quorum() {
            return Optional.of(voting);
        }

        @Override
        public boolean mayBecomeController() {
            return true;
        }

        @Override
        public VoterSet voters() {
            return voting.voters();
        }

        @Override
        public Optional<DescribeVoterResponse> describeVoter() {
            return Optional.empty();
        }
    }
}
