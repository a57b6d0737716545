package io.lograft.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Holds the enum of the model, the one of the .proto file and the table in {@code docs/errors.md} against each other.
 * Rewrite the table with {@code -Dlograft.rewrite=true}.
 */
final class ErrorCodesTest {
    private static final Path PROTO = Path.of("src/main/proto/lograft/v1/common.proto");
    private static final Path TABLE = Path.of("../docs/errors.md");
    private static final Pattern VALUE = Pattern.compile("  ERROR_CODE_([A-Z_]+) = (\\d+);");
    private static final Pattern COMMENT = Pattern.compile("  // ?(.*)");
    private static final Pattern TAGGED = Pattern.compile("\\[(retry|refresh|give up)\\] (.*)");

    private record Documented(String name, int number, String action, String meaning) {}

    @Test
    void theModelHasTheValuesOfTheProtoFile() throws IOException {
        List<Documented> documented = documented();
        assertThat(documented).hasSize(ErrorCode.values().length - 1);
        for (Documented value : documented) {
            ErrorCode code = ErrorCode.valueOf(value.name());
            assertThat(code.number()).as(value.name()).isEqualTo(value.number());
            assertThat(code.action().name().toLowerCase(Locale.ROOT).replace('_', ' '))
                    .as(value.name())
                    .isEqualTo(value.action());
        }
    }

    @Test
    void everyCodeGoesToTheWireAndBack() {
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(ErrorCodes.fromProto(ErrorCodes.toProto(code))).isEqualTo(code);
            String name = code == ErrorCode.NONE ? "UNSPECIFIED" : code.name();
            assertThat(ErrorCodes.reason(code)).isEqualTo("ERROR_CODE_" + name);
        }
        assertThat(ErrorCodes.fromProto(io.lograft.proto.v1.ErrorCode.UNRECOGNIZED))
                .isEqualTo(ErrorCode.INTERNAL);
    }

    @Test
    void theTableInTheDocumentsIsTheProtoFile() throws IOException {
        String table = table(documented());
        if (Boolean.getBoolean("lograft.rewrite")) {
            Files.writeString(TABLE, table);
        }
        assertThat(TABLE).as("rewrite it with -Dlograft.rewrite=true").hasContent(table);
    }

    private static String table(List<Documented> codes) {
        StringBuilder text = new StringBuilder("""
                # Errors

                Written by `ErrorCodesTest` from `proto/src/main/proto/lograft/v1/common.proto`; do not edit.

                A call that fails as a whole ends with the gRPC status in the table and a `google.rpc.ErrorInfo` of domain
                `lograft.io`, whose reason is the code's name and whose metadata are the values that matter. A reply about
                several partitions or topics carries the code for each part instead. On the wire each name has the prefix
                `ERROR_CODE_`.

                What to do: **retry** the same request after a pause; **refresh** metadata (leader, coordinator, epoch), then
                send it again; **give up**, as sending it again cannot help.

                | code | number | do | gRPC status | meaning |
                |---|---|---|---|---|
                """);
        for (Documented code : codes) {
            text.append("| `%s` | %d | %s | %s | %s |%n"
                    .formatted(
                            code.name(),
                            code.number(),
                            code.action(),
                            GrpcErrors.statusCode(ErrorCode.valueOf(code.name())),
                            code.meaning()));
        }
        return text.toString();
    }

    /** All values but "no error", in the order of the file. */
    private static List<Documented> documented() throws IOException {
        List<Documented> values = new ArrayList<>();
        StringBuilder comment = new StringBuilder();
        for (String line : Files.readAllLines(PROTO)) {
            Matcher value = VALUE.matcher(line);
            Matcher commentLine = COMMENT.matcher(line);
            if (value.matches()) {
                if (!value.group(2).equals("0")) {
                    values.add(documented(value, comment.toString()));
                }
                comment.setLength(0);
            } else if (commentLine.matches()) {
                comment.append(comment.length() == 0 ? "" : " ").append(commentLine.group(1));
            } else {
                comment.setLength(0);
            }
        }
        return values;
    }

    private static Documented documented(Matcher value, String comment) {
        Matcher tagged = TAGGED.matcher(comment);
        assertThat(tagged.matches())
                .as("%s needs a comment that begins with its action, not '%s'", value.group(1), comment)
                .isTrue();
        return new Documented(value.group(1), Integer.parseInt(value.group(2)), tagged.group(1), tagged.group(2));
    }
}
