package io.lograft.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.fuzz.AnsweringChannel;
import io.lograft.broker.fuzz.FuzzedBroker;
import io.lograft.broker.fuzz.FuzzedLoop;
import io.lograft.broker.fuzz.FuzzedMetadata;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.ratis.VoterSet;
import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.PrepareVoterResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Adds broker 2, whose answer is written out, to voters that do what they are told. */
final class VoterChangesTest {
    private static final String DIRECTORY = "0123456789abcdef".repeat(2);

    private final FuzzedLoop loop = new FuzzedLoop();
    private final FuzzedMetadata metadata = new FuzzedMetadata();
    private final FuzzedQuorum quorum = new FuzzedQuorum(metadata);
    private final VoterSet before = quorum.voters();
    private final List<CommandReply> replies = new ArrayList<>();

    @AfterEach
    void stop() {
        loop.close();
    }

    private CommandReply add(String answer) {
        byte[] bytes = PrepareVoterResponse.newBuilder().setSelf(answer).build().toByteArray();
        VoterChanges changes = new VoterChanges(
                FuzzedBroker.SELF, loop.loop(), broker -> Optional.of(new AnsweringChannel(bytes)), metadata::image);
        loop.loop().execute(() -> changes.add(quorum, FuzzedBroker.OTHER, 1_000, replies::add));
        loop.settle();
        assertThat(replies).hasSize(1);
        return replies.get(0);
    }

    @Test
    void aBrokerThatIsReadyBecomesAVoter() {
        assertThat(add("2@host-2:7401#" + DIRECTORY).isOk()).isTrue();
        assertThat(quorum.voters().of(FuzzedBroker.OTHER)).isPresent();
    }

    /** On the controller's loop such an answer would end its process. */
    @Test
    void anAnswerThatMakesNoSenseIsARefusal() {
        CommandReply reply = add("2@host-2:7401");
        assertThat(reply.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(reply.message()).contains("broker 2").contains("no directory id");
        assertThat(quorum.voters()).isEqualTo(before);
    }

    /** As where the metadata have an address that is another broker's by now. */
    @Test
    void anotherBrokerThanTheOneThatWasAskedForIsNotAdded() {
        CommandReply reply = add("9@host-2:7401#" + DIRECTORY);
        assertThat(reply.error()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(reply.message()).contains("it says that it is 9@host-2");
        assertThat(quorum.voters()).isEqualTo(before);
    }
}
