package io.lograft.broker.dump.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One thing that a dump shows: its kind, and values by name in a fixed order. A value is a string, number, boolean, null,
 * or a list or map of these.
 */
public final class Document {
    /** Strings longer than this are cut in the form for people. */
    private static final int TEXT_CHARACTERS_MAX = 120;

    private final String kind;
    private final Map<String, Object> values = new LinkedHashMap<>();

    private Document(String kind) {
        this.kind = kind;
        values.put("kind", kind);
    }

    public static Document of(String kind) {
        return new Document(kind);
    }

    public Document with(String name, Object value) {
        values.put(name, value);
        return this;
    }

    public String kind() {
        return kind;
    }

    /** All names and values, the kind first. */
    public Map<String, Object> values() {
        return values;
    }

    /** One line for people: the kind, and {@code name=value} for all that is not null. */
    public String toText() {
        List<String> words = new ArrayList<>();
        words.add(kind);
        values.forEach((name, value) -> {
            if (value != null && !name.equals("kind")) {
                words.add(name + "=" + text(value));
            }
        });
        return String.join(" ", words);
    }

    private static String text(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> fields = new ArrayList<>();
            map.forEach((name, field) -> {
                if (field != null) {
                    fields.add(name + "=" + text(field));
                }
            });
            return "{" + String.join(" ", fields) + "}";
        }
        if (value instanceof List<?> list) {
            return "[" + String.join(" ", list.stream().map(Document::text).toList()) + "]";
        }
        return value instanceof String string ? quoted(string) : String.valueOf(value);
    }

    /** A word stays as it is; what has blanks, quotes or control characters is put into quotes, so that lines stay lines. */
    private static String quoted(String string) {
        boolean isLong = string.length() > TEXT_CHARACTERS_MAX;
        String shown = isLong ? string.substring(0, TEXT_CHARACTERS_MAX) : string;
        boolean isWord = !shown.isEmpty() && shown.chars().allMatch(c -> c > ' ' && c != '"' && c != '=' && c != 0x7f);
        StringBuilder text = new StringBuilder();
        if (isWord) {
            text.append(shown);
        } else {
            text.append('"');
            shown.chars().forEach(c -> appendEscaped(text, (char) c));
            text.append('"');
        }
        return isLong
                ? text.append("…(")
                        .append(string.length())
                        .append(" characters)")
                        .toString()
                : text.toString();
    }

    private static void appendEscaped(StringBuilder text, char c) {
        if (c == '"' || c == '\\') {
            text.append('\\').append(c);
        } else if (Character.isISOControl(c)) {
            text.append(String.format("\\u%04x", (int) c));
        } else {
            text.append(c);
        }
    }
}
