package io.lograft.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.record.Murmur2;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The published test vectors of the partitioner are what the client does. */
class KeyVectorsTest {
    private static final Pattern ROW =
            Pattern.compile("^\\| `(.*)` \\| `([0-9a-f]{8})` \\| (\\d+) \\| (\\d+) \\|$", Pattern.MULTILINE);

    @Test
    void theDocumentedVectorsHold() throws IOException {
        Matcher row = ROW.matcher(Files.readString(Path.of("../docs/clients.md"), StandardCharsets.UTF_8));
        int rows = 0;
        while (row.find()) {
            byte[] key = row.group(1).getBytes(StandardCharsets.UTF_8);
            assertThat(Integer.toHexString(Murmur2.hash(key))).isEqualTo(row.group(2));
            assertThat(Murmur2.partition(key, 6)).isEqualTo(Integer.parseInt(row.group(3)));
            assertThat(Murmur2.partition(key, 100)).isEqualTo(Integer.parseInt(row.group(4)));
            rows++;
        }
        assertThat(rows).isEqualTo(10);
    }
}
