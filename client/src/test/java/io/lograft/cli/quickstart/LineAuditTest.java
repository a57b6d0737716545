package io.lograft.cli.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineAuditTest {
    private final LineAudit audit = new LineAudit(List.of("a 1", "b 1", "a 2", "a 3"));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2025-06-24 14:36:25 upgrade libc6:amd64 1 2 | libc6:amd64",
                "2025-06-24 14:36:25 status half-configured libc6:amd64 1 | libc6:amd64",
                "2025-06-24 14:36:25 startup archives unpack | startup",
                "2025-06-24 14:36:25 status broken | broken",
                "GET /index.html HTTP/1.1 | GET",
                "2025-06-24 only a date | 2025-06-24",
            })
    void aLineHasThePackageOrItsFirstWordAsItsKey(String line, String key) {
        assertThat(LineKeys.keyOf(line)).contains(key);
    }

    @Test
    void aBlankLineHasNoKey() {
        assertThat(LineKeys.keyOf("")).isEmpty();
        assertThat(LineKeys.keyOf("  \t")).isEmpty();
    }

    @Test
    void everyLineOnceInTheOrderOfItsKeyIsRight() {
        read(1, "b", "b 1");
        read(0, "a", "a 1");
        read(2, "a", "a 2");
        read(3, "a", "a 3");
        assertThat(audit.verdict()).isEmpty();
        assertThat(audit.keyCount()).isEqualTo(2);
    }

    @Test
    void whatIsMissingDoubledChangedOrOutOfOrderIsNamed() {
        read(2, "a", "a 2");
        read(0, "a", "a 1");
        read(0, "a", "a 1");
        read(1, "b", "b X");
        read(4, "c", "c");
        assertThat(audit.verdict())
                .containsExactly(
                        "key a: line 1 came after line 3",
                        "line 1 came back 2 times",
                        "line 2 came back changed",
                        "a record says that it is line 5 of 4",
                        "1 lines did not come back, the first of them line 4");
    }

    @Test
    void manyFaultsAreCounted() {
        for (int i = 0; i < 10; i++) {
            read(-1, "a", "");
        }
        assertThat(audit.verdict()).hasSize(7).contains("5 faults more");
    }

    private void read(int number, String key, String line) {
        audit.read(number, Optional.of(key), line, false);
    }

    @Test
    void whatTheKilledMemberHadReadMayComeOnceMoreAndNothingElse() {
        audit.read(0, Optional.of("a"), "a 1", true);
        audit.read(2, Optional.of("a"), "a 2", true);
        assertThat(audit.hasTheOtherRead()).isTrue();
        read(2, "a", "a 2");
        read(3, "a", "a 3");
        assertThat(audit.missingCount()).isEqualTo(1);
        read(1, "b", "b 1");
        assertThat(audit.verdict()).isEmpty();
        assertThat(audit.againCount()).isEqualTo(1);
        read(2, "a", "a 2");
        read(1, "b", "b 1");
        assertThat(audit.verdict()).containsExactly("line 3 came back 3 times", "line 2 came back 2 times");
    }
}
