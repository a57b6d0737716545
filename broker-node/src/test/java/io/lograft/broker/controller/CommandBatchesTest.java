package io.lograft.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.HandOverRequest;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.model.BrokerId;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class CommandBatchesTest {
    private static final TopicId TOPIC = new TopicId(1, 2);

    private final List<List<HandOverRequest>> commands = new ArrayList<>();
    private final List<CompletableFuture<CommandReply>> replies = new ArrayList<>();
    private final CommandBatches<HandOverRequest> batches = CommandBatches.of(
            Runnable::run,
            HandOverRequest::partition,
            MetadataCommand.HandOverLeadership::new,
            this::submit,
            (peer, wish, reply) -> {});

    private CompletableFuture<CommandReply> submit(MetadataCommand command) {
        commands.add(((MetadataCommand.HandOverLeadership) command).requests());
        replies.add(new CompletableFuture<>());
        return replies.getLast();
    }

    private void fail() {
        replies.getLast().completeExceptionally(new IllegalStateException("no majority"));
    }

    private static HandOverRequest wish(int partition, int leaderEpoch) {
        return new HandOverRequest(new PartitionId(TOPIC, partition), new BrokerRef(new BrokerId(1), 7), leaderEpoch);
    }

    @Test
    void whatComesWhileACommandIsUnderWayIsInTheNext() {
        batches.add(null, List.of(wish(0, 1)));
        batches.add(null, List.of(wish(1, 1), wish(2, 1)));
        assertThat(commands).hasSize(1);
        fail();
        assertThat(commands.getLast()).containsExactly(wish(1, 1), wish(2, 1));
    }

    @Test
    void ofTheWishesForOnePartitionTheNewestCounts() {
        batches.add(null, List.of(wish(0, 1)));
        batches.add(null, List.of(wish(1, 1), wish(2, 1), wish(1, 2)));
        batches.add(null, List.of(wish(2, 3)));
        fail();
        assertThat(commands.getLast()).containsExactly(wish(1, 2), wish(2, 3));
        fail();
        assertThat(commands).hasSize(2);
    }

    @Test
    void aCommandHasABoundAndSoHasWhatWaits() {
        batches.add(null, List.of(wish(0, 1)));
        for (int i = 0; i <= 50_000; i++) {
            batches.add(null, List.of(wish(i, 1)));
        }
        int taken = 0;
        for (int command = 0; command < 25; command++) {
            fail();
            assertThat(commands.getLast()).hasSize(2_000);
            taken += commands.getLast().size();
        }
        assertThat(taken).isEqualTo(50_000);
        fail();
        assertThat(commands).as("the last one was dropped").hasSize(26);
    }
}
