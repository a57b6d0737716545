package io.lograft.broker.app.storage;

import io.lograft.broker.api.storage.LogDirectories;
import io.lograft.metadata.command.CommandReply;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** What administrators see of the log directories, and do with them. Safe for use by several threads. */
public record DirectoryAdmin(LogStorages storages, DirectoryHosts hosts, DirectoryMoves replicaMoves)
        implements LogDirectories {

    @Override
    public CompletableFuture<List<Directory>> directories() {
        List<CompletableFuture<Directory>> asked = new ArrayList<>();
        List<DirectoryHosts.Host> usable = hosts.usable();
        for (DirectoryHosts.Host host : hosts.all()) {
            if (usable.contains(host)) {
                asked.add(asked(host));
            } else {
                asked.add(CompletableFuture.completedFuture(
                        offline(host.storage().toString(), host.id().toString())));
            }
        }
        storages.absentPaths().forEach(path -> asked.add(CompletableFuture.completedFuture(offline(path, ""))));
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApply(
                        nothing -> asked.stream().map(CompletableFuture::join).toList());
    }

    /** On its own thread, as a disk that hangs holds up nobody else's answer to anything. */
    private static CompletableFuture<Directory> asked(DirectoryHosts.Host host) {
        CompletableFuture<Directory> one = new CompletableFuture<>();
        try {
            host.replicas().onDirectory(() -> one.complete(online(host))).whenComplete((done, failure) -> {
                if (failure != null) {
                    one.completeExceptionally(failure);
                }
            });
        } catch (RejectedExecutionException stopping) {
            one.completeExceptionally(stopping);
        }
        return one;
    }

    private static Directory offline(String path, String id) {
        return new Directory(path, id, State.OFFLINE, 0, 0, -1, -1);
    }

    private static Directory online(DirectoryHosts.Host host) {
        long usableBytes = -1;
        long totalBytes = -1;
        try {
            usableBytes = host.storage().directory().usableBytes();
            totalBytes = host.storage().directory().totalBytes();
        } catch (IOException unknown) {
            // Said by -1; whether the directory can be used is not decided by this.
            usableBytes = -1;
        }
        return new Directory(
                host.storage().toString(),
                host.id().toString(),
                host.room().isShort() ? State.FULL : State.ONLINE,
                DirectoryHosts.sizeBytes(host),
                host.replicas().replicas().size(),
                usableBytes,
                totalBytes);
    }

    @Override
    public List<Move> moves() {
        return replicaMoves.list();
    }

    @Override
    public CompletableFuture<CommandReply> move(TopicPartition partition, String directory) {
        return replicaMoves.move(partition, directory);
    }
}
