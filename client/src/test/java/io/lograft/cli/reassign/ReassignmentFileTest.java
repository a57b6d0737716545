package io.lograft.cli.reassign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import io.lograft.model.TopicPartition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReassignmentFileTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("plan.json");
    }

    @Test
    void kafkasFilesAreRead() throws IOException {
        write("""
                {"version":1,"comment":{"by":["kafka-reassign-partitions"]},
                 "partitions":[{"topic":"b","partition":1,"replicas":[3,1],"log_dirs":["any","any"]},
                               {"partition":0,"replicas":[2],"topic":"a"}]}
                """);
        Map<TopicPartition, List<Integer>> assignment = ReassignmentFile.assignment(file.toString());
        assertThat(assignment)
                .containsExactly(
                        Map.entry(new TopicPartition("b", 1), List.of(3, 1)),
                        Map.entry(new TopicPartition("a", 0), List.of(2)));
        assertThat(Json.write(ReassignmentFile.json(assignment)))
                .isEqualTo("{\"version\":1,\"partitions\":[{\"topic\":\"b\",\"partition\":1,\"replicas\":[3,1]},"
                        + "{\"topic\":\"a\",\"partition\":0,\"replicas\":[2]}]}");
        write("{\"topics\":[{\"topic\":\"foo\"},{\"topic\":\"bar\"}],\"version\":1}");
        assertThat(ReassignmentFile.topics(file.toString())).containsExactly("foo", "bar");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{`p`:[{`topic`:`a`,`partition`:0,`replicas`:[1]}]}; it names no partitions",
                "{`partitions`:[]}; it names no partitions",
                "{`version`:2,`partitions`:[]}; version is 2, only 1 is known",
                "[]; the document is a list, not an object",
                "{`partitions`:{}}; partitions is an object, not a list",
                "{`partitions`:[7]}; partitions[0]: the entry is a number, not an object",
                "{`partitions`:[{`topic`:`a`,`replicas`:[1]}]}; partitions[0]: partition is missing",
                "{`partitions`:[{`partition`:0,`replicas`:[1]}]}; partitions[0]: topic is missing",
                "{`partitions`:[{`topic`:`a`,`partition`:0}]}; partitions[0]: a-0 has no replicas",
                "{`partitions`:[{`topic`:`a`,`partition`:0,`replicas`:[]}]}; partitions[0]: a-0 has no replicas",
                "{`partitions`:[{`topic`:7,`partition`:0,`replicas`:[1]}]}; partitions[0]: topic is a number, not a string",
                "{`partitions`:[{`topic`:`a`,`partition`:`0`,`replicas`:[1]}]};"
                        + " partitions[0]: partition is a string, not a number",
                "{`partitions`:[{`topic`:`a`,`partition`:-1,`replicas`:[1]}]};"
                        + " partitions[0]: partition is -1, not a whole number from 0 to 999999999",
                "{`partitions`:[{`topic`:`a`,`partition`:0,`replicas`:[1.5]}]};"
                        + " partitions[0]: replicas[0] is 1.5, not a whole number from 0 to 999999999",
                "{`partitions`:[{`topic`:`a`,`partition`:0,`replicas`:[1,2,1]}]};"
                        + " partitions[0]: replicas names broker 1 twice",
                "{`partitions`:[{`topic`:`a`,`partition`:0,`replicas`:[1],`log_dirs`:[`/data`]}]};"
                        + " partitions[0]: log_dirs names '/data'",
                "{`partitions`:[{`topic`:`a`,`partition`:0,`replicas`:[1]},{`topic`:`a`,`partition`:0,`replicas`:[2]}]};"
                        + " partitions[1]: a-0 is named before",
                "{`partitions`:[{`topic`:`a`,`partition`:0,`replicas`:[1]}]}{}; it is no JSON, at line 1 column ",
                "{`partitions`:[{`topic`:`a`,`par; partitions[0]: it is no JSON, at line 1 column ",
                "nothing; it is no JSON, at line 1 column "
            })
    void whatIsWrongIsNamed(String text, String failure) throws IOException {
        write(text.replace('`', '"'));
        assertThatThrownBy(() -> ReassignmentFile.assignment(file.toString()))
                .isInstanceOfSatisfying(
                        CliFailure.class, e -> assertThat(e.code()).isEqualTo("INVALID_REQUEST"))
                .hasMessageStartingWith(file + ": " + failure);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{`topics`:[]}; it names no topics",
                "{`topics`:[{}]}; topics[0]: topic is missing",
                "{`topics`:[{`topic`:`a`},{`topic`:`a`}]}; topics[1]: its topic is named before"
            })
    void whatIsWrongWithTopicsIsNamed(String text, String failure) throws IOException {
        write(text.replace('`', '"'));
        assertThatThrownBy(() -> ReassignmentFile.topics(file.toString())).hasMessage(file + ": " + failure);
    }

    @Test
    void filesThatCannotBeReadAreToldInOneLine() throws IOException {
        assertThatThrownBy(() -> ReassignmentFile.assignment(file.toString()))
                .isInstanceOf(CliFailure.class)
                .hasMessage("there is no file " + file);
        assertThatThrownBy(() -> ReassignmentFile.assignment(directory.toString()))
                .isInstanceOf(CliFailure.class)
                .hasMessageStartingWith("file " + directory + " cannot be read: ");
        String start = "{\"partitions\":[{\"topic\":\"a\",\"partition\":0,\"replicas\":[1]}]}";
        write(start + " ".repeat(JsonFile.BYTES_MAX - start.length()));
        assertThat(ReassignmentFile.assignment(file.toString())).hasSize(1);
        write(start + " ".repeat(JsonFile.BYTES_MAX - start.length() + 1));
        assertThatThrownBy(() -> ReassignmentFile.assignment(file.toString()))
                .hasMessage(file + ": larger than 16777216 bytes");
    }

    private void write(String text) throws IOException {
        Files.writeString(file, text);
    }
}
