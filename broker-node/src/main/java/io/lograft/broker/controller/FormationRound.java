package io.lograft.broker.controller;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.lograft.broker.transport.GrpcTransport;
import io.lograft.metadata.ratis.QuorumConfig;
import io.lograft.metadata.ratis.QuorumDirectory;
import io.lograft.metadata.ratis.QuorumFormation;
import io.lograft.metadata.ratis.Voter;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import io.lograft.proto.v1.ControllerServiceGrpc;
import io.lograft.proto.v1.DescribeVoterRequest;
import io.lograft.proto.v1.DescribeVoterResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the voters named in the configuration until {@link QuorumFormation} knows what to do. Blocks its thread. */
final class FormationRound {
    private static final Logger LOG = LoggerFactory.getLogger(FormationRound.class);
    private static final long PAUSE_MS = 50;
    private static final long ANSWER_MS = 500;

    private final QuorumConfig config;
    private final QuorumDirectory directory;
    private final GrpcTransport transport;
    private final BooleanSupplier isOver;

    /** {@code isOver}: the broker is being closed. */
    FormationRound(QuorumConfig config, QuorumDirectory directory, GrpcTransport transport, BooleanSupplier isOver) {
        this.config = config;
        this.directory = directory;
        this.transport = transport;
        this.isOver = isOver;
    }

    /** What to do; {@code Waiting} only where it is over. */
    QuorumFormation.Outcome run() {
        Voter self = new Voter(config.self(), directory.directoryId());
        Map<BrokerId, QuorumFormation.Report> reports = new HashMap<>();
        String lastReason = "";
        while (true) {
            QuorumFormation.Outcome outcome = QuorumFormation.decide(self, config.voters(), reports);
            if (!(outcome instanceof QuorumFormation.Outcome.Waiting waiting) || isOver.getAsBoolean()) {
                return outcome;
            }
            if (!waiting.reason().equals(lastReason)) {
                lastReason = waiting.reason();
                LOG.info("{}", lastReason);
            }
            config.voters().stream()
                    .filter(other -> !other.broker().equals(config.self().broker()))
                    .forEach(other -> ask(other).ifPresent(report -> reports.put(other.broker(), report)));
            pause();
        }
    }

    private Optional<QuorumFormation.Report> ask(VoterAddress other) {
        ManagedChannel channel = transport.channel(other.host(), other.grpcPort());
        try {
            DescribeVoterResponse answer = ControllerServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(ANSWER_MS, TimeUnit.MILLISECONDS)
                    .describeVoter(DescribeVoterRequest.getDefaultInstance());
            if (answer.getSelf().isEmpty()) {
                return Optional.empty();
            }
            return Optional.of(new QuorumFormation.Report(
                    Voter.parse(answer.getSelf()),
                    VoterMessages.voters(answer.getFormationList()),
                    VoterMessages.voters(answer.getVotersList())));
        } catch (StatusRuntimeException notUp) {
            return Optional.empty();
        } catch (IllegalArgumentException malformed) {
            LOG.warn("voter {} is asked again, as its answer makes no sense: {}", other, malformed.getMessage());
            return Optional.empty();
        } finally {
            channel.shutdownNow();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
