package io.lograft.client.storage;

import java.util.List;

/**
 * The log directories of a broker.
 *
 * <pre>{@code
 * admin.describeLogDirectories(1).directories().forEach(d -> System.out.println(d.path() + " " + d.state()));
 * }</pre>
 *
 * @param moves replicas on their way from one to another, and the last ones that were
 */
public record LogDirectories(int brokerId, List<Directory> directories, List<Move> moves) {

    /** Copies the lists. */
    public LogDirectories {
        directories = List.copyOf(directories);
        moves = List.copyOf(moves);
    }

    /**
     * A directory.
     *
     * @param id empty where it could not be read
     * @param state online, full or offline
     * @param sizeBytes of all replicas in it
     * @param usableBytes that its disk still takes, -1 where not known
     * @param totalBytes of its disk, -1 where not known
     */
    public record Directory(
            String path,
            String id,
            String state,
            long sizeBytes,
            int replicaCount,
            long usableBytes,
            long totalBytes) {}

    /**
     * A replica on its way.
     *
     * @param state waiting, copying, done or failed
     * @param failure why it failed, else empty
     */
    public record Move(
            String topic,
            int partition,
            String from,
            String to,
            String state,
            long copiedBytes,
            long totalBytes,
            String failure) {}
}
