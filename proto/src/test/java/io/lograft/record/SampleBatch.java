package io.lograft.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Records and header fields that a test writes with one implementation and reads with another.
 *
 * @param baseOffset offset and leader epoch are set afterwards, as a leader does
 */
record SampleBatch(List<SampleRecord> records, BatchOptions options, long baseOffset, int leaderEpoch) {

    /** What a record was made of. */
    static final class SampleRecord {
        final long timestampMs;
        final byte[] key;
        final byte[] value;
        final List<RecordHeader> headers;

        SampleRecord(long timestampMs, byte[] key, byte[] value, List<RecordHeader> headers) {
            this.timestampMs = timestampMs;
            this.key = key;
            this.value = value;
            this.headers = headers;
        }
    }

    /** A batch as the seed has it: everything that the format allows turns up over some hundred seeds. */
    static SampleBatch random(Compression codec, long seed) {
        Random random = new Random(seed * 31 + codec.bits());
        int count = 1 + (random.nextInt(10) == 0 ? random.nextInt(400) : random.nextInt(12));
        long baseMs = random.nextInt(20) == 0 ? -1 : 1_700_000_000_000L + random.nextInt();
        List<SampleRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long timestampMs = i == 0 ? baseMs : Math.max(-1, baseMs + random.nextInt(100_000) - 50_000);
            records.add(new SampleRecord(timestampMs, key(random), value(random, count), headers(random)));
        }
        BatchOptions options = random.nextBoolean()
                ? BatchOptions.plain(codec)
                : BatchOptions.idempotent(
                        codec,
                        random.nextLong() & Long.MAX_VALUE,
                        (short) random.nextInt(Short.MAX_VALUE),
                        random.nextInt(Integer.MAX_VALUE));
        if (options.producerId() >= 0 && random.nextInt(4) == 0) {
            options = options.withFlags(BatchHeader.TRANSACTIONAL_ATTRIBUTE);
        }
        if (random.nextInt(3) == 0) {
            options = options.withLogAppendTime(1_700_000_000_000L + random.nextInt());
        }
        long baseOffset = random.nextInt(5) == 0 ? 0 : random.nextLong() >>> (2 + random.nextInt(60));
        return new SampleBatch(records, options, baseOffset, random.nextInt(1000));
    }

    /** The batch as we build it. */
    byte[] build() {
        BatchBuilder builder = new BatchBuilder(1 << 30);
        for (SampleRecord record : records) {
            if (!builder.append(record.timestampMs, record.key, record.value, record.headers)) {
                throw new AssertionError("a batch without limit refused a record");
            }
        }
        byte[] bytes = builder.build(options);
        RecordBatch.of(bytes).assign(baseOffset, leaderEpoch);
        return bytes;
    }

    /** What a reader should see, a line for each record. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (SampleRecord record : records) {
            long timestampMs = options.logAppendTimeMs() == BatchOptions.CREATE_TIME
                    ? record.timestampMs
                    : options.logAppendTimeMs();
            lines.add(line(baseOffset + lines.size(), timestampMs, hex(record.key), hex(record.value), record.headers));
        }
        return lines;
    }

    static String line(long offset, long timestampMs, String key, String value, List<RecordHeader> headers) {
        StringBuilder line = new StringBuilder();
        line.append("offset ").append(offset).append(" time ").append(timestampMs);
        line.append(" key ").append(key).append(" value ").append(value);
        for (RecordHeader header : headers) {
            line.append(" header ").append(header.key()).append('=').append(hex(header.value()));
        }
        return line.toString();
    }

    static String line(DecodedRecord record) {
        return line(record.offset(), record.timestampMs(), hex(record.key()), hex(record.value()), record.headers());
    }

    /** The lines of all records; fails if the batch is damaged. */
    static List<String> lines(RecordCursor records) {
        List<String> lines = new ArrayList<>();
        while (records.advance()) {
            lines.add(line(records.record()));
        }
        if (records.fault().isPresent()) {
            throw new AssertionError(records.fault().get().message());
        }
        return lines;
    }

    static String hex(byte[] bytes) {
        return bytes == null ? "null" : "[" + HexFormat.of().formatHex(bytes) + "]";
    }

    private static byte[] key(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> new byte[0];
            default -> randomBytes(random, 1 + random.nextInt(40));
        };
    }

    private static byte[] value(Random random, int count) {
        return switch (random.nextInt(8)) {
            case 0 -> null;
            case 1 -> new byte[0];
            // Big records, over several blocks of every codec; some of them compress well.
            case 2 -> randomBytes(random, count < 20 ? random.nextInt(90_000) : 300);
            case 3 ->
                "compressible ".repeat(count < 20 ? random.nextInt(8_000) : 10).getBytes(UTF_8);
            default -> randomBytes(random, random.nextInt(300));
        };
    }

    private static List<RecordHeader> headers(Random random) {
        List<RecordHeader> headers = new ArrayList<>();
        for (int i = random.nextInt(3) == 0 ? random.nextInt(70) : 0; i > 0; i--) {
            String name = List.of("", "trace", "ключ", "名", "\ud83d\ude00", "x".repeat(70))
                    .get(random.nextInt(6));
            headers.add(
                    new RecordHeader(name, random.nextInt(5) == 0 ? null : randomBytes(random, random.nextInt(20))));
        }
        return headers;
    }

    private static byte[] randomBytes(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }
}
