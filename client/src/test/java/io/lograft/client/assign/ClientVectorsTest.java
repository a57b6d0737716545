package io.lograft.client.assign;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.TopicPartition;
import io.lograft.record.Murmur2;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The published test vectors for clients in other languages are what this client does. */
class ClientVectorsTest {
    private final Map<String, Integer> counts = new HashMap<>();

    @Test
    void thePublishedVectorsHold() throws IOException {
        for (String line : Files.readAllLines(Path.of("../docs/clients-vectors.txt"), StandardCharsets.UTF_8)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                check(line.split(" "));
            }
        }
        assertThat(counts).isEqualTo(Map.of("partition", 10, "subscription", 7, "assignment", 5));
    }

    private void check(String[] words) {
        counts.merge(words[0], 1, Integer::sum);
        switch (words[0]) {
            case "partition" -> {
                byte[] key = bytes(words[1]);
                assertThat(String.format("%08x", Murmur2.hash(key))).isEqualTo(words[2]);
                assertThat(Murmur2.partition(key, Integer.parseInt(words[3]))).isEqualTo(Integer.parseInt(words[4]));
            }
            case "subscription" -> {
                int version = Integer.parseInt(words[1]);
                int generation = Integer.parseInt(words[4]);
                MemberSubscription subscription = new MemberSubscription(
                        Set.of(words[2].split(",")),
                        partitions(words[3]),
                        generation < 0 ? Optional.empty() : Optional.of(generation),
                        Optional.empty());
                assertThat(ConsumerProtocol.subscription(subscription, version)).isEqualTo(bytes(words[5]));
            }
            case "assignment" -> {
                byte[] bytes = bytes(words[3]);
                List<TopicPartition> partitions = partitions(words[2]);
                assertThat(ConsumerProtocol.assignment(partitions, Integer.parseInt(words[1])))
                        .isEqualTo(bytes);
                assertThat(ConsumerProtocol.assignment(bytes)).isEqualTo(partitions);
            }
            default -> throw new IllegalArgumentException("no vector begins with " + words[0]);
        }
    }

    private static byte[] bytes(String hex) {
        return hex.equals("-") ? new byte[0] : HexFormat.of().parseHex(hex);
    }

    private static List<TopicPartition> partitions(String text) {
        return text.equals("-")
                ? List.of()
                : Arrays.stream(text.split(","))
                        .map(partition -> partition.split(":"))
                        .map(parts -> new TopicPartition(parts[0], Integer.parseInt(parts[1])))
                        .toList();
    }
}
