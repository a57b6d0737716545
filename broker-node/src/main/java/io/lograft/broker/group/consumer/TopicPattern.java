package io.lograft.broker.group.consumer;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.lograft.broker.group.TopicCatalog;
import java.util.List;
import java.util.Optional;

/**
 * A pattern for names of topics. RE2 never takes more time than the text times the pattern, but counted repeats make the
 * pattern long: {@code ((x{1000}){1000}){1000}} would be a thousand million steps. So its length with all repeats written
 * out is bounded, before it is compiled.
 */
final class TopicPattern {
    static final int LENGTH_MAX = 1_000;
    static final int EXPANDED_LENGTH_MAX = 10_000;
    private static final Pattern REPEAT = Pattern.compile("\\{([0-9]{1,4})(?:,([0-9]{0,4}))?\\}");

    private TopicPattern() {}

    /** What is wrong with it; an empty one is none, and right. */
    static Optional<String> mistake(String pattern) {
        if (pattern.length() > LENGTH_MAX) {
            return Optional.of("the topic pattern has " + pattern.length() + " characters, at most " + LENGTH_MAX
                    + " are allowed");
        }
        long expanded = expandedLength(pattern);
        if (expanded > EXPANDED_LENGTH_MAX) {
            return Optional.of("topic pattern '" + pattern + "' repeats too much: written out it may have " + expanded
                    + " characters, at most " + EXPANDED_LENGTH_MAX + " are allowed");
        }
        try {
            Pattern.compile(pattern);
            return Optional.empty();
        } catch (PatternSyntaxException bad) {
            return Optional.of("topic pattern '" + pattern + "' is no regular expression (RE2): " + bad.getMessage());
        }
    }

    /** An upper bound, as if every repeat were within all others; beyond the limit it is not exact. */
    private static long expandedLength(String pattern) {
        long expanded = pattern.length();
        Matcher repeats = REPEAT.matcher(pattern);
        while (expanded <= EXPANDED_LENGTH_MAX && repeats.find()) {
            String most = repeats.group(2) == null || repeats.group(2).isEmpty() ? repeats.group(1) : repeats.group(2);
            expanded *= Math.max(1, Integer.parseInt(most));
        }
        return expanded;
    }

    /** Names of topics that match as a whole; the pattern has no mistake. */
    static List<String> matches(String pattern, TopicCatalog catalog) {
        Pattern compiled = Pattern.compile(pattern);
        return catalog.names().stream().filter(compiled::matches).toList();
    }
}
