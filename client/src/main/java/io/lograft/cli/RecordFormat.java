package io.lograft.cli;

import io.lograft.client.ConsumerRecord;
import io.lograft.record.RecordHeader;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * How a record is printed: a text with {@code %t} topic, {@code %p} partition, {@code %o} offset, {@code %k} key, {@code
 * %v} value, {@code %T} timestamp in milliseconds, {@code %h} headers, {@code %%} a percent sign, and the escapes
 * {@code \n}, {@code \t} and {@code \\}. Keys and values are printed byte for byte. Ends each record with a line feed,
 * unless the text does so itself.
 */
final class RecordFormat {
    private final String format;

    /** Throws IllegalArgumentException for a letter after {@code %} that means nothing. */
    RecordFormat(String format) {
        this.format = format.endsWith("\\n") ? format.substring(0, format.length() - 2) : format;
        for (int i = 0; i < format.length(); i++) {
            if (format.charAt(i) == '%') {
                i++;
                if (i == format.length() || "tpokvTh%".indexOf(format.charAt(i)) < 0) {
                    throw new IllegalArgumentException("'" + format.substring(i - 1, Math.min(i + 1, format.length()))
                            + "' means nothing in '" + format + "'; use %t %p %o %k %v %T %h %%");
                }
            }
        }
    }

    /** Adds the record's line to the output. */
    void print(ConsumerRecord record, ByteArrayOutputStream out) {
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            char next = i + 1 < format.length() ? format.charAt(i + 1) : 0;
            if (c == '%') {
                out.writeBytes(field(next, record));
                i++;
            } else if (c == '\\' && "nt\\".indexOf(next) >= 0) {
                out.write(next == 'n' ? '\n' : next == 't' ? '\t' : '\\');
                i++;
            } else {
                int codePoint = format.codePointAt(i);
                out.writeBytes(utf8(Character.toString(codePoint)));
                i += Character.charCount(codePoint) - 1;
            }
        }
        out.write('\n');
    }

    private static byte[] field(char name, ConsumerRecord record) {
        return switch (name) {
            case 't' -> utf8(record.topic());
            case 'p' -> utf8(Integer.toString(record.partition()));
            case 'o' -> utf8(Long.toString(record.offset()));
            case 'T' -> utf8(Long.toString(record.timestampMs()));
            case 'k' -> record.hasKey() ? record.key() : new byte[0];
            case 'v' -> record.hasValue() ? record.value() : new byte[0];
            case 'h' -> headers(record.headers());
            default -> new byte[] {'%'};
        };
    }

    private static byte[] headers(List<RecordHeader> headers) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (RecordHeader header : headers) {
            if (out.size() > 0) {
                out.write(',');
            }
            out.writeBytes(utf8(header.key() + "="));
            out.writeBytes(header.value() == null ? new byte[0] : header.value());
        }
        return out.toByteArray();
    }

    /**
     * The record as a JSON object. Bytes that are no UTF-8 text stand in {@code keyBase64} or {@code valueBase64}, with
     * null under the plain name.
     */
    static Map<String, Object> json(ConsumerRecord record) {
        Map<String, Object> json = Json.object(
                "topic", record.topic(),
                "partition", record.partition(),
                "offset", record.offset(),
                "timestampMs", record.timestampMs());
        putBytes(json, "key", record.key());
        putBytes(json, "value", record.value());
        json.put("headers", record.headers().stream().map(RecordFormat::json).toList());
        return json;
    }

    private static Map<String, Object> json(RecordHeader header) {
        Map<String, Object> json = Json.object("key", header.key());
        putBytes(json, "value", header.value());
        return json;
    }

    private static void putBytes(Map<String, Object> json, String name, byte[] bytes) {
        if (bytes == null) {
            json.put(name, null);
            return;
        }
        try {
            json.put(
                    name,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString());
        } catch (CharacterCodingException e) {
            json.put(name, null);
            json.put(name + "Base64", Base64.getEncoder().encodeToString(bytes));
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
