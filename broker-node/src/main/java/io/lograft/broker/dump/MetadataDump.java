package io.lograft.broker.dump;

import io.lograft.broker.dump.format.Document;
import io.lograft.broker.log.io.ReadOnlyFiles;
import io.lograft.metadata.ratis.MetadataReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Shows and checks a metadata directory: the files of the Raft log by Ratis' own reader, the checkpoints and the store by
 * RocksDB's read-only mode. Ranges are of Raft indexes here. A voter may write all of it meanwhile.
 */
final class MetadataDump {
    private static final int ATTEMPTS = 3;

    private final DumpOutput out;
    private final DumpOptions options;
    private long nextIndex = -1;

    MetadataDump(DumpOutput out) {
        this.out = out;
        this.options = out.options();
    }

    /** True for a metadata directory, and for each of the directories in it that can be shown alone. */
    static boolean isMetadata(String path) throws IOException {
        return MetadataReader.isStore(path) || !groups(path).isEmpty() || isGroup(path);
    }

    static boolean isRaftLog(String name) {
        return MetadataReader.isRaftLog(name);
    }

    private static boolean isGroup(String path) {
        return ReadOnlyFiles.exists(path + "/current/raft-meta");
    }

    private static List<String> groups(String path) throws IOException {
        List<String> groups = new ArrayList<>();
        for (String name : ReadOnlyFiles.list(path + "/raft").orElse(List.of())) {
            if (isGroup(path + "/raft/" + name)) {
                groups.add(path + "/raft/" + name);
            }
        }
        return groups;
    }

    void dump(String path) throws IOException {
        if (MetadataReader.isStore(path)) {
            store(path);
            return;
        }
        if (isGroup(path)) {
            group(path);
            return;
        }
        SideFiles.dump(out, path + "/" + FileNames.META);
        for (String group : groups(path)) {
            group(group);
        }
        if (ReadOnlyFiles.isDirectory(path + "/store")) {
            store(path + "/store");
        }
    }

    private void group(String path) throws IOException {
        String current = path + "/current/";
        List<String> names = new ArrayList<>(ReadOnlyFiles.list(current).orElse(List.of()));
        names.removeIf(name -> !isRaftLog(name));
        names.sort(Comparator.comparingLong(MetadataReader::firstIndex));
        for (String name : names) {
            dumpRaftLog(current + name);
        }
        for (String name : ReadOnlyFiles.list(path + "/sm").orElse(List.of())) {
            if (name.startsWith("ckpt.")) {
                store(path + "/sm/" + name);
            }
        }
    }

    /** One file of the Raft log; entries have to follow each other, also from file to file. */
    void dumpRaftLog(String path) throws IOException {
        if (!ReadOnlyFiles.exists(path)) {
            out.notice(
                    path,
                    -1,
                    -1,
                    "the file vanished before it was read: it was closed and got another name, or purged");
            return;
        }
        out.file(path, "raft-log", -1);
        boolean isOpen = MetadataReader.isOpen(path);
        try {
            MetadataReader.readRaftLog(path, entry -> entry(path, entry));
        } catch (IOException e) {
            String text = "entries end before index " + nextIndex + ": " + e.getMessage();
            if (!ReadOnlyFiles.exists(path)) {
                out.notice(path, -1, nextIndex, "the file vanished while it was read");
            } else if (isOpen) {
                out.notice(path, -1, nextIndex, "torn tail of the file that is written: " + text);
            } else {
                out.problem(path, -1, nextIndex, text);
            }
        }
    }

    private void entry(String path, MetadataReader.RaftEntry entry) {
        if (nextIndex >= 0 && entry.index() != nextIndex) {
            out.problem(path, -1, entry.index(), "index " + entry.index() + " follows " + (nextIndex - 1));
        }
        nextIndex = entry.index() + 1;
        if (options.isInRange(entry.index(), entry.index())) {
            out.content(Document.of("raft-entry")
                    .with("term", entry.term())
                    .with("index", entry.index())
                    .with("entry", entry.kind())
                    .with("type", entry.type())
                    .with("text", entry.text()));
        }
    }

    /** A store or a checkpoint. The owner may delete tables while they are read, which another attempt gets over. */
    private void store(String path) throws IOException {
        for (int attempt = 1; ; attempt++) {
            List<Document> records = new ArrayList<>();
            try {
                var position = MetadataReader.readStore(
                        path,
                        stored -> records.add(Document.of("metadata-record")
                                .with("type", stored.type())
                                .with("text", stored.text())));
                out.file(path, "metadata-store", -1);
                out.content(Document.of("metadata-position")
                        .with("term", position.term())
                        .with("index", position.index())
                        .with("imageIndex", position.imageIndex()));
                records.forEach(out::content);
                return;
            } catch (IOException e) {
                if (!ReadOnlyFiles.isDirectory(path)) {
                    out.notice(path, -1, -1, "the directory vanished while it was read");
                    return;
                }
                if (attempt == ATTEMPTS) {
                    out.problem(path, -1, -1, e.getMessage());
                    return;
                }
            }
        }
    }
}
