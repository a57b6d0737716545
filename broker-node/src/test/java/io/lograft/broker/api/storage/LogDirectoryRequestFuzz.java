package io.lograft.broker.api.storage;

import io.lograft.broker.fuzz.AnsweringChannel;
import io.lograft.broker.fuzz.FuzzChecks;
import io.lograft.broker.fuzz.FuzzedService;
import io.lograft.metadata.command.CommandReply;
import io.lograft.model.BrokerId;
import io.lograft.model.ErrorCode;
import io.lograft.model.TopicPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What administrators ask about log directories, from the bytes to the directories of this broker, or to another broker:
 * messages that each follow two bytes with their size, of which the first is what the other broker answers, and the others
 * are calls. Moves are listed, but nothing is copied. See {@link FuzzedService}.
 */
public final class LogDirectoryRequestFuzz {
    private static final BrokerId SELF = new BrokerId(1);
    private static final int EXPANDED_BYTES_MAX = 1 << 20;
    private static final int CALLS_MAX = 50;

    private LogDirectoryRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        List<byte[]> messages = FuzzedService.split(input);
        if (messages.isEmpty()) {
            return;
        }
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            Directories own = new Directories();
            LogDirectoryServiceApi service = new LogDirectoryServiceApi(
                    SELF,
                    own,
                    broker ->
                            broker.value() > 3 ? Optional.empty() : Optional.of(new AnsweringChannel(messages.get(0))));
            FuzzedService calls = new FuzzedService(service.bindService(), () -> {});
            messages.stream().skip(1).limit(CALLS_MAX).forEach(calls::call);
        });
    }

    /** Two directories; each move succeeds or fails at once, and one to a place without a name finds the broker stopping. */
    private static final class Directories implements LogDirectories {
        private final List<Move> moves = new ArrayList<>();

        @Override
        public CompletableFuture<List<Directory>> directories() {
            if (moves.size() > 2) {
                return CompletableFuture.failedFuture(new IllegalStateException("the broker stops"));
            }
            return CompletableFuture.completedFuture(List.of(
                    new Directory("/a", "id-a", State.ONLINE, 1, 1, -1, -1),
                    new Directory("/b", "", State.OFFLINE, 0, 0, 5, 7)));
        }

        @Override
        public List<Move> moves() {
            return moves;
        }

        @Override
        public CompletableFuture<CommandReply> move(TopicPartition partition, String directory) {
            if (directory.isEmpty()) {
                return CompletableFuture.failedFuture(new IllegalStateException(partition + " cannot move now"));
            }
            CommandReply reply = partition.topic().equals("orders")
                    ? CommandReply.OK
                    : CommandReply.refused(
                            ErrorCode.UNKNOWN_TOPIC, "no topic has the name '" + partition.topic() + "'");
            boolean isDone = reply.isOk();
            moves.add(new Move(
                    partition,
                    "/a",
                    directory,
                    isDone ? MoveState.DONE : MoveState.FAILED,
                    1,
                    2,
                    isDone ? Optional.empty() : Optional.of(reply)));
            return CompletableFuture.completedFuture(reply);
        }
    }
}
