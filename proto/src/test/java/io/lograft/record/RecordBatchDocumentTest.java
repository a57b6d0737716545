package io.lograft.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The examples in {@code docs/format/record-batch.md} are true. */
class RecordBatchDocumentTest {

    private static final Path DOCUMENT = Path.of("../docs/format/record-batch.md");

    @Test
    void theHexExampleIsTheBatchThatItDescribes() throws IOException {
        StringBuilder hex = new StringBuilder();
        boolean inside = false;
        for (String line : Files.readAllLines(DOCUMENT)) {
            if (line.startsWith("```")) {
                inside = line.equals("```hex");
            } else if (inside) {
                hex.append(line.substring(0, line.indexOf('|')).replace(" ", ""));
            }
        }
        BatchBuilder builder = new BatchBuilder(1024);
        builder.append(1_700_000_000_000L, "k".getBytes(UTF_8), "hello".getBytes(UTF_8));
        List<RecordHeader> headers = List.of(new RecordHeader("h", "x".getBytes(UTF_8)));
        builder.append(1_700_000_000_500L, null, "hi".getBytes(UTF_8), headers);
        byte[] batch = builder.build(BatchOptions.idempotent(Compression.NONE, 4097, (short) 1, 42));
        RecordBatch.of(batch).assign(1000, 3);

        assertThat(hex.toString()).isEqualTo(HexFormat.of().formatHex(batch));
        assertThat(KafkaOracle.read(batch).countOrNull()).isEqualTo(2);
    }

    @Test
    void theHashTableIsRight() throws IOException {
        Matcher row = Pattern.compile("(?m)^\\| `([^`]*)` \\| (-?\\d+) \\| (\\d+) \\| (\\d+) \\|$")
                .matcher(Files.readString(DOCUMENT));
        int rows = 0;
        while (row.find()) {
            byte[] key = row.group(1).getBytes(UTF_8);
            assertThat(Murmur2.hash(key)).as(row.group(1)).isEqualTo(Integer.parseInt(row.group(2)));
            assertThat(Murmur2.partition(key, 6)).as(row.group(1)).isEqualTo(Integer.parseInt(row.group(3)));
            assertThat(Murmur2.partition(key, 100)).as(row.group(1)).isEqualTo(Integer.parseInt(row.group(4)));
            rows++;
        }
        assertThat(rows).isGreaterThanOrEqualTo(8);
    }
}
