package io.lograft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Rows of text under headings, printed with aligned columns; numbers to the right. Not thread-safe. */
public final class Table {
    private static final String GAP = "  ";

    private final List<String> headings;
    private final List<List<String>> rows = new ArrayList<>();

    public Table(String... headings) {
        this.headings = List.of(headings);
    }

    /** Adds a row with one value per heading; throws IllegalArgumentException for another number. */
    public Table row(Object... values) {
        if (values.length != headings.size()) {
            throw new IllegalArgumentException(values.length + " values for " + headings.size() + " columns");
        }
        List<String> row = new ArrayList<>(values.length);
        for (Object value : values) {
            row.add(String.valueOf(value));
        }
        rows.add(row);
        return this;
    }

    /** Numbers as one cell: {@code 1,2,3}, or {@code -} for none. */
    public static String numbers(List<Integer> numbers) {
        return numbers.isEmpty() ? "-" : numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** The table as lines of text, each ended. */
    public String render() {
        StringBuilder text = new StringBuilder();
        line(headings, text);
        for (List<String> row : rows) {
            line(row, text);
        }
        return text.toString();
    }

    private void line(List<String> cells, StringBuilder text) {
        int start = text.length();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(width(column) - cell.length());
            text.append(column == 0 ? "" : GAP);
            text.append(isNumeric(column) ? padding + cell : cell + padding);
        }
        int end = text.length();
        while (end > start && text.charAt(end - 1) == ' ') {
            end--;
        }
        text.setLength(end);
        text.append(System.lineSeparator());
    }

    private int width(int column) {
        int width = headings.get(column).length();
        for (List<String> row : rows) {
            width = Math.max(width, row.get(column).length());
        }
        return width;
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty() && rows.stream().allMatch(row -> row.get(column).matches("-?[0-9][0-9.,]*|-"));
    }
}
