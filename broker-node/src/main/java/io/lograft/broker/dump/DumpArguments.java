package io.lograft.broker.dump;

import io.lograft.broker.log.io.ReadOnlyFiles;
import java.util.Iterator;
import java.util.List;

/** Reads the words that the command line hands over. Stateless. */
final class DumpArguments {
    private DumpArguments() {}

    /** Throws IllegalArgumentException, with what is wrong, for words that do not fit. */
    static DumpOptions parse(List<String> arguments) {
        DumpOptions options = DumpOptions.DEFAULTS;
        long from = options.fromOffset();
        long to = options.toOffset();
        for (Iterator<String> i = arguments.iterator(); i.hasNext(); ) {
            String word = i.next();
            switch (word) {
                case "--verify" -> options = options.verifying();
                case "--records" -> options = options.withRecords();
                case "--json" -> options = options.asJson();
                case "--compacted" -> options = options.compacted();
                case "--from" -> from = offset(word, i);
                case "--to" -> to = offset(word, i);
                default -> options = path(options, word);
            }
        }
        if (options.path().isEmpty()) {
            throw new IllegalArgumentException("a file or directory is missing");
        }
        return options.withRange(from, to);
    }

    private static DumpOptions path(DumpOptions options, String word) {
        if (word.startsWith("--") || !options.path().isEmpty()) {
            throw new IllegalArgumentException("'" + word + "' is not understood");
        }
        return options.withPath(ReadOnlyFiles.absolute(word));
    }

    private static long offset(String option, Iterator<String> words) {
        String word = words.hasNext() ? words.next() : "";
        try {
            return Long.parseLong(word);
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(option + " needs an offset, not '" + word + "'", notANumber);
        }
    }
}
