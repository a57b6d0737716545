package io.lograft.broker.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.app.config.ConfigException;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class OpenFileLimitTest {

    private static int usual(long limit) throws ConfigException {
        return OpenFileLimit.filesMax(Optional.empty(), OptionalLong.of(limit));
    }

    @Test
    void halfOfWhatIsLeftForLogsWithinBounds() throws ConfigException {
        assertThat(usual(640)).isEqualTo(128);
        assertThat(usual(1_024)).isEqualTo(256);
        assertThat(usual(4_096)).isEqualTo(1_792);
        assertThat(usual(1L << 20)).isEqualTo(4_096);
        assertThat(OpenFileLimit.filesMax(Optional.empty(), OptionalLong.empty()))
                .isEqualTo(4_096);
    }

    @Test
    void aLimitThatIsTooLowIsRefusedWithTheValues() {
        assertThatThrownBy(() -> usual(639))
                .isInstanceOf(ConfigException.class)
                .hasMessage("this process may have 639 files open (ulimit -n), a broker needs 640 at least");
        assertThatThrownBy(() -> OpenFileLimit.filesMax(Optional.of(10_000), OptionalLong.of(4_096)))
                .isInstanceOf(ConfigException.class)
                .hasMessage("log.open.files.max=10000 takes a limit of 10512 open files, but this process may have"
                        + " 4096 (ulimit -n); raise that limit, or lower the value to 3584 at most");
    }

    @Test
    void whatIsConfiguredIsTakenUpToTheLimit() throws ConfigException {
        assertThat(OpenFileLimit.filesMax(Optional.of(10_000), OptionalLong.of(10_512)))
                .isEqualTo(10_000);
        assertThat(OpenFileLimit.filesMax(Optional.of(64), OptionalLong.of(20_000)))
                .isEqualTo(64);
    }
}
