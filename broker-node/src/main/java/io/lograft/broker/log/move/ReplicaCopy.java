package io.lograft.broker.log.move;

import io.lograft.broker.log.LogDirectory;
import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.LogFile;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Copies the files of a replica into another log directory, in rounds: the first ones while the log is in use, the last
 * one after it was closed. A round copies what has come since the one before: of a {@code .log} file what was appended,
 * of others all, if they have changed.
 *
 * <p>That a {@code .log} file has only grown is known by its identity; but for a truncation, which keeps the file. So
 * the caller says whether the log was truncated since the first round, and then all is copied anew.
 */
public final class ReplicaCopy {
    private static final int BUFFER_BYTES = 1 << 20;

    /** Waits as long as is needed to keep to the rate; false where the copy is to end. */
    public interface Pace {
        boolean copied(int bytes) throws IOException;
    }

    /** What was copied of a file: which one it was, and how much. */
    private record Copied(Object identity, long sizeBytes) {}

    private final FileStore from;
    private final String source;
    private final FileStore to;
    private final FutureReplicas futures;
    private final TopicPartition name;
    private final TopicId topic;
    private final Pace pace;

    private final String target;
    private final Map<String, Copied> copied = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    /** The replica, and the directories that it is copied from and to. */
    public record Route(TopicPartition name, TopicId topic, FileStore from, FileStore to) {}

    /** Begins with an empty copy. */
    public ReplicaCopy(Route route, Pace pace) throws IOException {
        this.from = route.from();
        this.source = route.name().toString();
        this.to = route.to();
        this.name = route.name();
        this.topic = route.topic();
        this.pace = pace;
        this.futures = new FutureReplicas(to);
        this.target = futures.begin(route.name(), route.topic());
    }

    /**
     * Copies what has come since the last round, while the log is in use; how many bytes that were.
     *
     * @param segments base offset and size of each: beyond that a file may hold what was not appended in the end
     */
    public long round(Map<Long, Long> segments) throws IOException {
        long bytes = 0;
        for (Map.Entry<Long, Long> segment : segments.entrySet()) {
            String file = String.format(Locale.ROOT, "%020d.log", segment.getKey());
            try {
                bytes += copyGrowth(file, segment.getValue());
            } catch (IOException failed) {
                if (from.exists(source + "/" + file)) {
                    throw failed;
                }
                // It left the log after it was listed.
                copied.remove(file);
            }
        }
        return bytes;
    }

    /**
     * Copies the rest of a log that nobody uses any more, forces all to the disk and completes the copy.
     *
     * @param isTruncated the log was truncated since the first round
     */
    public void finish(boolean isTruncated) throws IOException {
        if (isTruncated) {
            copied.clear();
        }
        List<String> files = from.list(source).stream()
                .filter(file -> !LogDirectory.isLeftover(file))
                .toList();
        for (String file : files) {
            if (isLog(file)) {
                copyGrowth(file, from.sizeBytes(source + "/" + file));
            } else {
                copyFrom(file, 0, from.sizeBytes(source + "/" + file));
            }
            try (LogFile written = to.open(target + "/" + file, FileStore.OpenMode.WRITE)) {
                written.force();
            }
        }
        for (String file : to.list(target)) {
            if (!files.contains(file)) {
                to.delete(target + "/" + file);
            }
        }
        futures.complete(name, topic);
    }

    private static boolean isLog(String file) {
        return file.endsWith(".log");
    }

    private long copyGrowth(String file, long sizeBytes) throws IOException {
        Object identity = from.identity(source + "/" + file);
        Copied before = copied.get(file);
        boolean isSame = before != null && before.identity().equals(identity) && before.sizeBytes() <= sizeBytes;
        long start = isSame ? before.sizeBytes() : 0;
        long end = copyFrom(file, start, sizeBytes);
        copied.put(file, new Copied(identity, end));
        return end - start;
    }

    /** Where it ended. */
    private long copyFrom(String file, long start, long size) throws IOException {
        String sourcePath = source + "/" + file;
        String targetPath = target + "/" + file;
        FileStore.OpenMode mode = start == 0 ? FileStore.OpenMode.REPLACE : FileStore.OpenMode.WRITE;
        try (LogFile in = from.open(sourcePath, FileStore.OpenMode.READ);
                LogFile out = to.open(targetPath, mode)) {
            long position = start;
            while (position < size) {
                buffer.clear().limit((int) Math.min(BUFFER_BYTES, size - position));
                int count = in.read(buffer, position);
                if (count <= 0) {
                    throw new IOException(sourcePath + " in " + from + " ends at " + position + " instead of " + size);
                }
                buffer.flip();
                out.write(position, buffer);
                position += count;
                if (!pace.copied(count)) {
                    throw new IOException("the copy of " + name + " was given up");
                }
            }
            return position;
        }
    }
}
