package io.lograft.broker.dump;

import io.lograft.broker.dump.format.Document;
import io.lograft.cli.Json;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Prints documents in the form asked for, and counts what is wrong. For one thread. */
final class DumpOutput {
    private static final String PROBLEM = "problem";
    private static final int HELD_MAX = 20_000;

    private final DumpOptions options;
    private final PrintStream out;
    private final List<Document> held = new ArrayList<>();
    private Counts counts = new Counts(0, 0, 0, 0, 0);
    private Counts countsBefore = counts;
    private boolean isHolding;

    DumpOutput(DumpOptions options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    DumpOptions options() {
        return options;
    }

    /** What was printed so far. */
    private record Counts(long files, long batches, long records, long problems, long notices) {
        Counts plus(long newFiles, long newBatches, long newRecords, long newProblems, long newNotices) {
            return new Counts(
                    files + newFiles,
                    batches + newBatches,
                    records + newRecords,
                    problems + newProblems,
                    notices + newNotices);
        }
    }

    /** From here on a check can be taken back, as long as it prints little. */
    void begin() {
        isHolding = options.isVerifying() && !options.showsContent();
        countsBefore = counts;
    }

    /** The problems since {@link #begin}, as long as they can be taken back. */
    List<Map<String, Object>> problemsHeld() {
        return held.stream()
                .filter(document -> document.kind().equals(PROBLEM))
                .map(Document::values)
                .toList();
    }

    /** Takes back all since {@link #begin}. */
    void takeBack() {
        held.clear();
        counts = countsBefore;
    }

    /** Prints what was held back. */
    void commit() {
        isHolding = false;
        held.forEach(this::write);
        held.clear();
    }

    /** Begins a file; what follows is of it. */
    void file(String path, String type, long sizeBytes) {
        counts = counts.plus(1, 0, 0, 0, 0);
        print(Document.of("file").with("file", path).with("type", type).with("sizeBytes", sizeBytes));
    }

    /** Content, as far as it is asked for. */
    void content(Document document) {
        if (options.showsContent()) {
            print(document);
        }
    }

    void counted(int recordCount) {
        counts = counts.plus(0, 1, recordCount, 0, 0);
    }

    /** Damage: what is there is not what was written. */
    void problem(String file, long position, long offset, String text) {
        counts = counts.plus(0, 0, 0, 1, 0);
        print(finding(PROBLEM, file, position, offset, text));
    }

    /** What somebody may wonder at, but is no damage. */
    void notice(String file, long position, long offset, String text) {
        counts = counts.plus(0, 0, 0, 0, 1);
        print(finding("notice", file, position, offset, text));
    }

    private static Document finding(String kind, String file, long position, long offset, String text) {
        return Document.of(kind)
                .with("file", file)
                .with("position", position < 0 ? null : position)
                .with("offset", offset < 0 ? null : offset)
                .with("text", text);
    }

    /** The last line of a check. */
    void summary() {
        if (options.isVerifying()) {
            print(Document.of("summary")
                    .with("path", options.path())
                    .with("files", counts.files())
                    .with("batches", counts.batches())
                    .with("records", counts.records())
                    .with("problems", counts.problems())
                    .with("notices", counts.notices())
                    .with("isGood", counts.problems() == 0));
        }
    }

    long problems() {
        return counts.problems();
    }

    private void print(Document document) {
        if (isHolding) {
            held.add(document);
            if (held.size() > HELD_MAX) {
                commit();
            }
        } else {
            write(document);
        }
    }

    private void write(Document document) {
        out.println(options.isJson() ? Json.write(document.values()) : document.toText());
    }
}
