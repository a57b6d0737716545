package io.lograft.broker.log;

import io.lograft.broker.log.io.FileStore;
import io.lograft.broker.log.io.LogFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Checks the files of a partition directory: every checksum, that the offsets have no gap, and every index entry. Reads
 * only; the log may be open elsewhere, but must not be written meanwhile. For one thread, for one directory.
 */
public final class LogVerifier {
    private static final int PROBLEMS_MAX = 100;

    /**
     * What was found.
     *
     * @param firstOffset offset of the first batch
     * @param nextOffset offset that follows the last good batch
     * @param contentCrc CRC-32C over the batches that lie wholly in the range of offsets asked for; the same on all
     *     replicas that have the same batches
     * @param problems a line for each thing that is wrong, at most a hundred
     */
    public record Summary(
            int segments,
            long batches,
            long records,
            long sizeBytes,
            long firstOffset,
            long nextOffset,
            int contentCrc,
            List<String> problems) {
        public boolean isGood() {
            return problems.isEmpty();
        }
    }

    private final PartitionFiles files;
    private final long fromOffset;
    private final long endOffset;
    private final CRC32C content = new CRC32C();
    private final List<String> problems = new ArrayList<>();
    private long batches;
    private long records;
    private long sizeBytes;
    private long nextOffset = -1;

    private LogVerifier(FileStore store, String directory, long fromOffset, long endOffset) {
        this.files = new PartitionFiles(store, directory);
        this.fromOffset = fromOffset;
        this.endOffset = endOffset;
    }

    /** Checks all files; the content's checksum covers the batches between the two offsets. */
    public static Summary verify(FileStore store, String directory, long fromOffset, long endOffsetExclusive)
            throws IOException {
        return new LogVerifier(store, directory, fromOffset, endOffsetExclusive).run();
    }

    private Summary run() throws IOException {
        List<Long> bases = files.offsets(PartitionFiles.LOG_SUFFIX);
        for (long base : bases) {
            if (nextOffset >= 0 && nextOffset != base) {
                problem("segment " + base + " does not follow offset " + nextOffset);
            }
            verifySegment(base);
        }
        long first = bases.isEmpty() ? 0 : bases.getFirst();
        return new Summary(
                bases.size(),
                batches,
                records,
                sizeBytes,
                first,
                Math.max(nextOffset, first),
                (int) content.getValue(),
                List.copyOf(problems));
    }

    private void verifySegment(long base) throws IOException {
        Map<Integer, Long> lastOffsets = new HashMap<>();
        Map<Long, Long> timestamps = new HashMap<>();
        String path = files.path(base, PartitionFiles.LOG_SUFFIX);
        try (LogFile log = files.store().open(path, FileStore.OpenMode.READ)) {
            BatchScanner scanner = new BatchScanner(log, 0, log.sizeBytes(), base);
            while (scanner.nextVerified()) {
                var batch = scanner.header();
                batches++;
                records += batch.recordCount();
                lastOffsets.put((int) scanner.position(), batch.lastOffset());
                timestamps.put(batch.lastOffset(), batch.maxTimestampMs());
                if (batch.baseOffset() >= fromOffset && batch.nextOffset() <= endOffset) {
                    content.update(scanner.bytes());
                }
            }
            if (scanner.damage() != null) {
                problem(scanner.corruption().getMessage());
            }
            sizeBytes += scanner.nextPosition();
            nextOffset = scanner.nextOffset();
        }
        verifyOffsets(base, lastOffsets);
        verifyTimes(base, timestamps);
    }

    private void verifyOffsets(long base, Map<Integer, Long> lastOffsets) throws IOException {
        String path = files.path(base, PartitionFiles.INDEX_SUFFIX);
        if (!files.store().exists(path)) {
            return;
        }
        try (LogFile file = files.store().open(path, FileStore.OpenMode.READ)) {
            IndexFile.View index = open(file, IndexFile.OFFSET_ENTRY_BYTES);
            long before = -1;
            for (int i = 0; i < index.count(); i++) {
                Long lastOffset = lastOffsets.get(index.value(i));
                if (lastOffset == null || lastOffset != base + index.key(i) || index.key(i) <= before) {
                    problem(path + " entry " + i + ": no batch that ends at offset " + (base + index.key(i))
                            + " at position " + index.value(i));
                }
                before = index.key(i);
            }
        }
    }

    private void verifyTimes(long base, Map<Long, Long> timestamps) throws IOException {
        String path = files.path(base, PartitionFiles.TIME_INDEX_SUFFIX);
        if (!files.store().exists(path)) {
            return;
        }
        try (LogFile file = files.store().open(path, FileStore.OpenMode.READ)) {
            IndexFile.View index = open(file, IndexFile.TIME_ENTRY_BYTES);
            long before = Long.MIN_VALUE;
            for (int i = 0; i < index.count(); i++) {
                Long timestamp = timestamps.get(base + index.value(i));
                if (timestamp == null || timestamp != index.key(i) || timestamp <= before) {
                    problem(path + " entry " + i + ": no batch that ends at offset " + (base + index.value(i))
                            + " with timestamp " + index.key(i));
                }
                before = index.key(i);
            }
        }
    }

    private IndexFile.View open(LogFile file, int entryBytes) throws IOException {
        long size = file.sizeBytes();
        if (size % entryBytes != 0) {
            problem(file.path() + " has " + size + " bytes, no multiple of " + entryBytes);
        }
        return new IndexFile(file, entryBytes, (int) (size / entryBytes)).view();
    }

    private void problem(String text) {
        if (problems.size() < PROBLEMS_MAX) {
            problems.add(text);
        }
    }
}
