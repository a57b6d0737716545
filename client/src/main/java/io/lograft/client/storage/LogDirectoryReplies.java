package io.lograft.client.storage;

import io.lograft.model.TopicPartition;
import io.lograft.proto.v1.DescribeLogDirectoriesRequest;
import io.lograft.proto.v1.DescribeLogDirectoriesResponse;
import io.lograft.proto.v1.LogDirectory;
import io.lograft.proto.v1.MoveReplicaRequest;
import io.lograft.proto.v1.ReplicaMove;
import java.util.Locale;

/** Questions about log directories and answers, between the words of the client and those of brokers. */
public final class LogDirectoryReplies {
    private static final String STATE_PREFIX = "LOG_DIRECTORY_STATE_";
    private static final String MOVE_PREFIX = "REPLICA_MOVE_STATE_";

    private LogDirectoryReplies() {}

    /** The question for a broker's directories. */
    public static DescribeLogDirectoriesRequest question(int brokerId) {
        return DescribeLogDirectoriesRequest.newBuilder().setBrokerId(brokerId).build();
    }

    /** The wish for a move. */
    public static MoveReplicaRequest move(TopicPartition partition, int brokerId, String directory) {
        return MoveReplicaRequest.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .setBrokerId(brokerId)
                .setDirectory(directory)
                .build();
    }

    /** What a broker has told. */
    public static LogDirectories directories(int brokerId, DescribeLogDirectoriesResponse response) {
        return new LogDirectories(
                brokerId,
                response.getDirectoriesList().stream()
                        .map(LogDirectoryReplies::directory)
                        .toList(),
                response.getMovesList().stream().map(LogDirectoryReplies::move).toList());
    }

    private static LogDirectories.Directory directory(LogDirectory directory) {
        return new LogDirectories.Directory(
                directory.getPath(),
                directory.getDirectoryId(),
                word(directory.getState().name(), STATE_PREFIX),
                directory.getSizeBytes(),
                directory.getReplicaCount(),
                directory.getUsableBytes(),
                directory.getTotalBytes());
    }

    private static LogDirectories.Move move(ReplicaMove move) {
        return new LogDirectories.Move(
                move.getTopic(),
                move.getPartition(),
                move.getFrom(),
                move.getTo(),
                word(move.getState().name(), MOVE_PREFIX),
                move.getCopiedBytes(),
                move.getTotalBytes(),
                move.hasFailure() ? move.getFailure().getMessage() : "");
    }

    private static String word(String name, String prefix) {
        return name.startsWith(prefix) ? name.substring(prefix.length()).toLowerCase(Locale.ROOT) : "unknown";
    }
}
