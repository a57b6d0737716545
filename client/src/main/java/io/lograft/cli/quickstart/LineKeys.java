package io.lograft.cli.quickstart;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which key a line of a file gets: the package in a line of a {@code dpkg.log}, else the first word. Lines about one
 * package thus stay in order.
 */
final class LineKeys {
    private static final Pattern DPKG_LINE = Pattern.compile("\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2} [a-z]+ \\S.*");
    private static final int ACTION = 2;

    private LineKeys() {}

    /** The key of a line; empty for a blank line. */
    static Optional<String> keyOf(String line) {
        List<String> words = List.of(line.strip().split("\\s+", -1));
        if (words.get(0).isEmpty()) {
            return Optional.empty();
        }
        if (!DPKG_LINE.matcher(line).matches()) {
            return Optional.of(words.get(0));
        }
        // "… install PACKAGE OLD NEW" and its like; "… status STATE PACKAGE VERSION"; "… startup archives unpack".
        int position = switch (words.get(ACTION)) {
            case "status" -> ACTION + 2;
            case "startup" -> ACTION;
            default -> ACTION + 1;
        };
        return Optional.of(words.get(Math.min(position, words.size() - 1)));
    }
}
