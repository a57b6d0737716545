package io.lograft.broker.dump;

import io.lograft.broker.dump.format.Document;
import java.io.IOException;
import java.util.Optional;

/** Shows the entries of an index file. Stateless. */
final class IndexDump {
    private IndexDump() {}

    static void dump(DumpOutput out, String path, long base) throws IOException {
        boolean isTimes = path.endsWith(FileNames.TIME_INDEX);
        int entryBytes = isTimes ? IndexCursor.TIME_ENTRY_BYTES : IndexCursor.OFFSET_ENTRY_BYTES;
        Optional<IndexCursor> opened = IndexCursor.open(path, entryBytes);
        if (opened.isEmpty()) {
            out.notice(path, -1, base, "the index is missing");
            return;
        }
        try (IndexCursor entries = opened.get()) {
            out.file(path, isTimes ? "time-index" : "offset-index", entries.sizeBytes());
            if (entries.surplusBytes() != 0) {
                out.problem(
                        path,
                        entries.sizeBytes() - entries.surplusBytes(),
                        -1,
                        "the file has " + entries.sizeBytes() + " bytes, no multiple of " + entryBytes);
            }
            while (entries.next()) {
                long offset = base + (isTimes ? entries.value() : entries.key());
                if (out.options().isInRange(offset, offset)) {
                    out.content(isTimes ? timeEntry(entries, offset) : offsetEntry(entries, offset));
                }
            }
        }
    }

    private static Document offsetEntry(IndexCursor entry, long offset) {
        return Document.of("offset-index-entry")
                .with("entry", entry.index())
                .with("offset", offset)
                .with("position", Integer.toUnsignedLong(entry.value()));
    }

    private static Document timeEntry(IndexCursor entry, long offset) {
        return Document.of("time-index-entry")
                .with("entry", entry.index())
                .with("timestampMs", entry.key())
                .with("offset", offset);
    }
}
