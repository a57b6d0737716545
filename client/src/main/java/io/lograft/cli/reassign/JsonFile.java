package io.lograft.cli.reassign;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.lograft.cli.CliFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A JSON document that a person or a program wrote, read step by step. What is wrong with it becomes INVALID_REQUEST with
 * the file's name and the place in it. For one thread.
 */
final class JsonFile {
    /** More than any reassignment needs: some hundred thousand partitions. */
    static final int BYTES_MAX = 16 << 20;

    private static final Pattern LINE = Pattern.compile("at line [0-9]+ column [0-9]+");

    private final String name;
    private final JsonReader reader;
    private String place = "";

    private JsonFile(String name, String text) {
        this.name = name;
        this.reader = new JsonReader(new StringReader(text));
    }

    /** What is to be read of a document. */
    interface Content {
        void read(JsonFile json) throws IOException;
    }

    /** What is to be done with the value of a field; leaves it unread, and returns false, where it is of no interest. */
    interface Field {
        boolean read(String field) throws IOException;
    }

    /**
     * Reads a whole document.
     *
     * @param file a path, or {@code -} for the input of this process
     */
    static void read(String file, Content content) {
        String name = file.equals("-") ? "input" : file;
        JsonFile json = new JsonFile(name, text(file, name));
        try {
            content.read(json);
            if (json.reader.peek() != JsonToken.END_DOCUMENT) {
                throw json.wrong("something follows the document");
            }
        } catch (IOException | IllegalStateException | NumberFormatException e) {
            throw json.wrong("it is no JSON, " + where(e));
        }
    }

    /** The reader's messages end with where it was, and begin with advice for programmers. */
    private static String where(Exception failure) {
        Matcher line = LINE.matcher(String.valueOf(failure.getMessage()));
        return line.find() ? line.group() : failure.getMessage();
    }

    private static String text(String file, String name) {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new CliFailure("INVALID_REQUEST", name + ": larger than " + BYTES_MAX + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new CliFailure("INVALID_REQUEST", "there is no file " + name);
        } catch (IOException | java.nio.file.InvalidPathException e) {
            throw new CliFailure("INVALID_REQUEST", "file " + name + " cannot be read: " + e.getMessage());
        }
    }

    /** What failures say from now on of where they are; empty for nothing. */
    void at(String where) {
        place = where;
    }

    CliFailure wrong(String what) {
        return new CliFailure("INVALID_REQUEST", name + ": " + (place.isEmpty() ? "" : place + ": ") + what);
    }

    void object(String what, Field field) throws IOException {
        expect(JsonToken.BEGIN_OBJECT, what, "an object");
        reader.beginObject();
        while (reader.hasNext()) {
            if (!field.read(reader.nextName())) {
                reader.skipValue();
            }
        }
        reader.endObject();
    }

    /** Reads a list; the element is told its index. */
    void list(String what, Element element) throws IOException {
        expect(JsonToken.BEGIN_ARRAY, what, "a list");
        reader.beginArray();
        for (int i = 0; reader.hasNext(); i++) {
            element.read(i);
        }
        reader.endArray();
    }

    /** What is to be done with an element of a list. */
    interface Element {
        void read(int index) throws IOException;
    }

    String string(String what) throws IOException {
        expect(JsonToken.STRING, what, "a string");
        return reader.nextString();
    }

    /** A number that is not negative. */
    int number(String what) throws IOException {
        expect(JsonToken.NUMBER, what, "a number");
        String text = reader.nextString();
        if (!text.matches("[0-9]{1,9}")) {
            throw wrong(what + " is " + text + ", not a whole number from 0 to 999999999");
        }
        return Integer.parseInt(text);
    }

    private void expect(JsonToken token, String what, String wanted) throws IOException {
        JsonToken found = reader.peek();
        if (found != token) {
            throw wrong(what + " is " + word(found) + ", not " + wanted);
        }
    }

    private static String word(JsonToken token) {
        return switch (token) {
            case BEGIN_ARRAY -> "a list";
            case BEGIN_OBJECT -> "an object";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case NULL -> "null";
            default -> "missing";
        };
    }
}
