package io.lograft.broker.controller;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedBroker;
import io.lograft.broker.fuzz.FuzzedLoop;
import io.lograft.broker.fuzz.FuzzedMetadata;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.proto.v1.DescribeVoterResponse;
import io.lograft.proto.v1.ProbeResponse;
import java.util.Optional;

/**
 * What brokers send to the controller, from the bytes to the rules of the metadata. The controller is a real one of two
 * brokers and a topic, but there is no quorum behind it: commands are carried out at once. So the calls that ask for the
 * quorum itself, which all others than those of a session do, get no further than that. See {@link FuzzedService}.
 */
public final class ControllerRequestFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;

    private ControllerRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            try (FuzzedLoop loop = new FuzzedLoop()) {
                ControllerServiceApi service = service(loop.loop());
                loop.settle();
                new FuzzedService(service.bindService(), loop::settle).call(input);
            }
        });
    }

    private static ControllerServiceApi service(EventLoop loop) {
        FuzzedMetadata metadata = new FuzzedMetadata();
        metadata.topic(FuzzedBroker.TOPIC, "orders", 2);
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
                new Facts());
    }

    private static final class Facts implements ControllerServiceApi.NodeFacts {
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
        public Optional<MetadataQuorum> quorum() {
            return Optional.empty();
        }

        @Override
        public boolean mayBecomeController() {
            return true;
        }

        @Override
        public VoterSet voters() {
            return VoterSet.UNKNOWN;
        }

        @Override
        public Optional<DescribeVoterResponse> describeVoter() {
            return Optional.empty();
        }
    }
}
