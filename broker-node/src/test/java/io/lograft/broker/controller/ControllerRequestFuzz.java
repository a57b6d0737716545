package io.lograft.broker.controller;

import io.lograft.broker.concurrent.EventLoop;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedLoop;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.broker.transport.PeerChannels;
import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.control.Decision;
import io.lograft.metadata.control.MetadataControl;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.ratis.MetadataQuorum;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.BrokerId;
import io.lograft.model.TopicId;
import io.lograft.proto.v1.DescribeVoterResponse;
import io.lograft.proto.v1.ProbeResponse;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * What brokers send to the controller, from the bytes to the rules of the metadata. The controller is a real one of two
 * brokers and a topic, but there is no quorum behind it: commands are carried out at once. So the calls that ask for the
 * quorum itself, which all others than those of a session do, get no further than that. See {@link FuzzedService}.
 */
public final class ControllerRequestFuzz {
    private static final int EXPANDED_BYTES_MAX = 1 << 20;
    private static final BrokerId SELF = new BrokerId(1);

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
        Commands commands = new Commands();
        BrokerProbe probe = new BrokerProbe(loop, new PeerChannels(null, broker -> Optional.empty()), 100);
        ControllerRuntime runtime = new ControllerRuntime(
                SELF, loop, ControllerSettings.of(LivenessSettings.of(9_000, 500)), probe, commands::submit);
        runtime.onImage(commands.image);
        runtime.becameController(1);
        commands.runtime = runtime;
        return new ControllerServiceApi(
                SELF, loop, runtime, new Registrations(runtime, loop, probe, commands::submit), new Facts());
    }

    /** Carries commands out in the image, and tells the controller what they changed. */
    private static final class Commands {
        private ClusterImage image = ClusterImage.empty();
        private ControllerRuntime runtime;

        private Commands() {
            submit(new MetadataCommand.FormCluster("cluster", 1));
            for (int id = 1; id <= 2; id++) {
                submit(new MetadataCommand.RegisterBroker(
                        new BrokerId(id),
                        new UUID(0, id),
                        "",
                        new BrokerAddress("host-" + id, 7400, ""),
                        List.of(),
                        true));
                submit(new MetadataCommand.UnfenceBroker(
                        image.brokers().get(new BrokerId(id)).ref(), List.of()));
            }
            submit(new MetadataCommand.CreateTopic(
                    new TopicId(7, 7), "orders", 2, 2, new TreeMap<>(), TopicDefaults.STANDARD, 0, false, false));
        }

        private CompletableFuture<CommandReply> submit(MetadataCommand command) {
            Decision decision = MetadataControl.decide(image, image.index() + 1, command);
            long before = image.index();
            image = image.apply(before + 1, decision.records());
            if (runtime != null) {
                runtime.onCommitted(image.index(), before, decision.records(), image);
            }
            return CompletableFuture.completedFuture(decision.reply());
        }
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
