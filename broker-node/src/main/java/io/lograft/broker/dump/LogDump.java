package io.lograft.broker.dump;

import io.lograft.broker.log.io.ReadOnlyFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.OptionalLong;

/**
 * The command {@code log dump}: finds out what kind of file or directory it is asked about, and has it shown or checked. The
 * command line calls {@link #run} by name, since it is in a module that does not know the broker.
 */
public final class LogDump {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private final DumpOutput out;
    private final DumpOptions options;

    private LogDump(DumpOutput out) {
        this.out = out;
        this.options = out.options();
    }

    /** Runs the command and returns its exit status: 0 all is well, 1 damage or failure, 2 wrong usage. */
    public static int run(String[] arguments, PrintStream out, PrintStream err) {
        DumpOptions options;
        try {
            options = DumpArguments.parse(List.of(arguments));
        } catch (IllegalArgumentException wrong) {
            err.println("error: USAGE: " + wrong.getMessage());
            return WRONG_USAGE;
        }
        try {
            return run(options, out) == 0 ? DONE : fail(err, "CORRUPT_LOG", "damage was found; see the problems above");
        } catch (IOException e) {
            return fail(err, "STORAGE_ERROR", ReadOnlyFiles.inWords(e));
        }
    }

    /** Returns the number of problems found. */
    static long run(DumpOptions options, PrintStream stream) throws IOException {
        DumpOutput out = new DumpOutput(options, stream);
        new LogDump(out).dump(options.path());
        out.summary();
        stream.flush();
        return out.problems();
    }

    private static int fail(PrintStream err, String code, String message) {
        err.println("error: " + code + ": " + message.replaceAll("\\s*\\R\\s*", " "));
        return FAILED;
    }

    private void dump(String path) throws IOException {
        if (ReadOnlyFiles.isDirectory(path)) {
            directory(path);
        } else if (ReadOnlyFiles.exists(path)) {
            file(path);
        } else {
            throw new IOException(path + ": no such file or directory");
        }
    }

    private void directory(String path) throws IOException {
        List<String> names = ReadOnlyFiles.list(path).orElse(List.of());
        if (MetadataDump.isMetadata(path)) {
            new MetadataDump(out).dump(path);
        } else if (isPartition(names)) {
            PartitionDump.dump(out, path);
        } else if (isLogDirectory(names)) {
            logDirectory(path, names);
        } else {
            throw new IOException(
                    path + " is neither a partition's directory, nor a log directory, nor a metadata directory");
        }
    }

    private static boolean isPartition(List<String> names) {
        return names.contains(FileNames.PARTITION_METADATA)
                || !FileNames.offsets(names, FileNames.LOG).isEmpty();
    }

    private static boolean isLogDirectory(List<String> names) {
        return names.contains(FileNames.META)
                || names.contains(FileNames.RECOVERY_POINTS)
                || names.stream().anyMatch(FileNames::isPartition);
    }

    /** The files of a log directory, then its partitions; what waits for deletion is named only. */
    private void logDirectory(String path, List<String> names) throws IOException {
        for (String name : names) {
            String child = path + "/" + name;
            if (!ReadOnlyFiles.isDirectory(child) && !SideFiles.dump(out, child) && !isOurs(name)) {
                out.notice(child, -1, -1, "not a file of a log directory");
            }
        }
        for (String name : names) {
            String child = path + "/" + name;
            if (!ReadOnlyFiles.isDirectory(child)) {
                continue;
            }
            if (FileNames.isPartition(name)) {
                PartitionDump.dump(out, child);
            } else if (name.matches(".*-(new|delete|future|copying|stray)")) {
                out.notice(child, -1, -1, "a partition that is being made, moved or deleted");
            } else if (MetadataDump.isMetadata(child)) {
                new MetadataDump(out).dump(child);
            } else {
                out.notice(child, -1, -1, "not a directory of a partition");
            }
        }
    }

    /** Files without content to show. */
    private static boolean isOurs(String name) {
        return name.equals(".lock") || name.equals(".reserve") || name.equals("broker.out") || name.endsWith(".tmp");
    }

    private void file(String path) throws IOException {
        String name = FileNames.of(path);
        OptionalLong base = FileNames.leadingOffset(name);
        if (SideFiles.dump(out, path)) {
            return;
        }
        if (MetadataDump.isRaftLog(name)) {
            new MetadataDump(out).dumpRaftLog(path);
        } else if (base.isPresent() && isIndex(name)) {
            index(path, name, base.getAsLong());
        } else if (base.isPresent()) {
            new PartitionDump(out, FileNames.parent(path)).dumpSegment(base.getAsLong(), name);
        } else {
            throw new IOException(path + " has the name of no file that can be shown");
        }
    }

    private static boolean isIndex(String name) {
        return name.endsWith(FileNames.OFFSET_INDEX) || name.endsWith(FileNames.TIME_INDEX);
    }

    /** An index is checked against its segment, which is walked for that. */
    private void index(String path, String name, long base) throws IOException {
        String log = FileNames.stem(name) + FileNames.LOG;
        if (!options.isVerifying()) {
            IndexDump.dump(out, path, base);
        } else if (ReadOnlyFiles.exists(FileNames.parent(path) + "/" + log)) {
            new PartitionDump(out, FileNames.parent(path)).dumpSegment(base, log);
        } else {
            throw new IOException(path + " cannot be checked without " + log + " beside it");
        }
    }
}
