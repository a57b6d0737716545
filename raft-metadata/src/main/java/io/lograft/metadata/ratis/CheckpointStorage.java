package io.lograft.metadata.ratis;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.storage.FileInfo;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.SnapshotRetentionPolicy;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.impl.FileListSnapshotInfo;

/**
 * Checkpoints of the store as Ratis snapshots: directories {@code sm/ckpt.<term>_<index>/}. When Ratis installs one from
 * another voter it replaces the whole of {@code sm/}, and leaves a {@code .md5} file beside each file, which are not
 * part of the checkpoint.
 *
 * <p>{@link #getLatestSnapshot} may be called on any thread; the rest on Ratis' apply thread.
 */
final class CheckpointStorage implements StateMachineStorage {
    private static final Pattern NAME = Pattern.compile("ckpt\\.(\\d+)_(\\d+)");

    private volatile Path dir;
    private volatile SnapshotInfo latest;

    @Override
    public void init(RaftStorage storage) throws IOException {
        dir = storage.getStorageDir().getStateMachineDir().toPath();
        Files.createDirectories(dir);
        refresh();
    }

    /** Looks again at what is on disk. */
    void refresh() throws IOException {
        List<Path> checkpoints = checkpoints();
        latest = checkpoints.isEmpty() ? null : snapshotOf(checkpoints.getLast());
    }

    /** The checkpoints on disk, oldest first. */
    private List<Path> checkpoints() throws IOException {
        if (!Files.isDirectory(dir)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(dir)) {
            return entries.filter(
                            path -> NAME.matcher(path.getFileName().toString()).matches())
                    .sorted(Comparator.comparing(CheckpointStorage::termIndexOf))
                    .toList();
        }
    }

    private static TermIndex termIndexOf(Path checkpoint) {
        Matcher matcher = NAME.matcher(checkpoint.getFileName().toString());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(checkpoint + " is not a checkpoint");
        }
        return TermIndex.valueOf(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }

    private static SnapshotInfo snapshotOf(Path checkpoint) throws IOException {
        List<FileInfo> files = new ArrayList<>();
        for (Path file : filesOf(checkpoint)) {
            // Without a digest: the sender computes it.
            files.add(new FileInfo(file, null));
        }
        return new FileListSnapshotInfo(files, termIndexOf(checkpoint));
    }

    private static List<Path> filesOf(Path checkpoint) throws IOException {
        try (Stream<Path> entries = Files.list(checkpoint)) {
            return entries.filter(path -> !path.toString().endsWith(".md5"))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public SnapshotInfo getLatestSnapshot() {
        return latest;
    }

    /** Term and index of the newest checkpoint; null where there is none. */
    TermIndex latestPosition() {
        SnapshotInfo info = latest;
        return info == null ? null : info.getTermIndex();
    }

    /** Makes a checkpoint of the store's present state, complete under its name or not there at all. */
    void make(MetadataStore store) throws IOException {
        MetadataStore.Position position = store.position();
        Path target = dir.resolve("ckpt." + position.term() + "_" + position.index());
        if (Files.exists(target)) {
            return;
        }
        Path temporary = dir.resolve("making-" + target.getFileName());
        deleteTree(temporary);
        store.checkpoint(temporary);
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        refresh();
    }

    /** Replaces the live store, which must be closed, by the newest checkpoint. */
    void restoreLatest(Path storeDir) throws IOException {
        Path checkpoint = checkpoints().getLast();
        Path temporary = storeDir.resolveSibling("restoring-" + storeDir.getFileName());
        deleteTree(temporary);
        Files.createDirectories(temporary);
        for (Path file : filesOf(checkpoint)) {
            Path copy = temporary.resolve(file.getFileName());
            // Table files never change, so a link will do; the others are written on.
            if (file.toString().endsWith(".sst")) {
                Files.createLink(copy, file);
            } else {
                Files.copy(file, copy);
            }
        }
        deleteTree(storeDir);
        Files.move(temporary, storeDir, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void cleanupOldSnapshots(SnapshotRetentionPolicy policy) throws IOException {
        List<Path> checkpoints = checkpoints();
        int surplus = checkpoints.size() - Math.max(2, policy.getNumSnapshotsRetained());
        for (int i = 0; i < surplus; i++) {
            deleteTree(checkpoints.get(i));
        }
    }

    @Override
    public void format() {
        // A fresh directory needs nothing: checkpoints come later.
    }

    /** Deletes a directory with all in it; does nothing where there is none. */
    static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(root)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }

    @Override
    public File getSnapshotDir() {
        return null;
    }

    @Override
    public File getTmpDir() {
        return null;
    }
}
