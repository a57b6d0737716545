package io.lograft.broker.dump;

/**
 * What is asked of a dump.
 *
 * @param path absolute
 * @param isVerifying checks everything, and shows what is wrong instead of what is there
 * @param fromOffset the first offset that is shown or checked
 * @param toOffset the last one
 * @param showsRecords batches with their records
 * @param isJson a JSON document per line instead of text
 * @param isCompacted gaps between batches are legal, whatever the files say
 */
record DumpOptions(
        String path,
        boolean isVerifying,
        long fromOffset,
        long toOffset,
        boolean showsRecords,
        boolean isJson,
        boolean isCompacted) {
    static final DumpOptions DEFAULTS = new DumpOptions("", false, 0, Long.MAX_VALUE, false, false, false);

    DumpOptions {
        if (fromOffset < 0 || toOffset < fromOffset) {
            throw new IllegalArgumentException("--from " + fromOffset + " --to " + toOffset
                    + ": offsets are at least 0, and the second is not below the first");
        }
    }

    DumpOptions withPath(String newPath) {
        return new DumpOptions(newPath, isVerifying, fromOffset, toOffset, showsRecords, isJson, isCompacted);
    }

    DumpOptions verifying() {
        return new DumpOptions(path, true, fromOffset, toOffset, showsRecords, isJson, isCompacted);
    }

    DumpOptions withRecords() {
        return new DumpOptions(path, isVerifying, fromOffset, toOffset, true, isJson, isCompacted);
    }

    DumpOptions withRange(long from, long to) {
        return new DumpOptions(path, isVerifying, from, to, showsRecords, isJson, isCompacted);
    }

    DumpOptions asJson() {
        return new DumpOptions(path, isVerifying, fromOffset, toOffset, showsRecords, true, isCompacted);
    }

    DumpOptions compacted() {
        return new DumpOptions(path, isVerifying, fromOffset, toOffset, showsRecords, isJson, true);
    }

    /** True where entries and batches are printed; a check prints them only where records are asked for. */
    boolean showsContent() {
        return !isVerifying || showsRecords;
    }

    boolean isInRange(long firstOffset, long lastOffset) {
        return lastOffset >= fromOffset && firstOffset <= toOffset;
    }

    boolean hasRange() {
        return fromOffset > 0 || toOffset < Long.MAX_VALUE;
    }
}
