package io.lograft.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class LocalLayoutTest {
    private static final Path DIRECTORY = Path.of("/data/local");

    @Test
    void brokersAreTenPortsApartAndTakeThreeEach() {
        PortLayout ports = new PortLayout(7400);
        assertThat(ports.grpc(1)).isEqualTo(7400);
        assertThat(ports.raft(1)).isEqualTo(7401);
        assertThat(ports.http(1)).isEqualTo(7402);
        assertThat(ports.grpc(3)).isEqualTo(7420);
        assertThat(layout(3).bootstrap()).isEqualTo("127.0.0.1:7400,127.0.0.1:7410,127.0.0.1:7420");
    }

    @Test
    void theConfigurationOfABrokerIsAPropertiesFile() throws Exception {
        Properties properties = new Properties();
        properties.load(new StringReader(layout(3).configText(2)));
        assertThat(properties)
                .containsEntry("broker.id", "2")
                .containsEntry("listeners", "grpc://127.0.0.1:7410,raft://127.0.0.1:7411,http://127.0.0.1:7412")
                .containsEntry("metadata.voters", "1@127.0.0.1:7401,2@127.0.0.1:7411,3@127.0.0.1:7421")
                .containsEntry("metadata.dir", "/data/local/broker-2/metadata")
                .containsEntry("log.dirs", "/data/local/broker-2/log")
                .hasSize(5);
    }

    @Test
    void votersAreAnOddNumberAndAtMostFive() {
        assertThat(voterCount(1)).isEqualTo(1);
        assertThat(voterCount(2)).isEqualTo(1);
        assertThat(voterCount(4)).isEqualTo(3);
        assertThat(voterCount(6)).isEqualTo(5);
        assertThat(voterCount(20)).isEqualTo(5);
    }

    @Test
    void numbersThatFitNoMachineAreRefused() {
        assertThatThrownBy(() -> layout(0)).hasMessage("0 brokers are not in 1..50");
        assertThatThrownBy(() -> layout(51)).hasMessage("51 brokers are not in 1..50");
        assertThatThrownBy(() -> new PortLayout(0)).hasMessage("port 0 is not in 1..65535");
        assertThatThrownBy(() -> new LocalLayout(DIRECTORY, new PortLayout(65_530), 2))
                .hasMessageContaining("ports above 65535");
    }

    @Test
    void aProcessIsFoundOnlyWhileItIsTheOneThatWasMarked() {
        ProcessMark self = ProcessMark.of(ProcessHandle.current());
        assertThat(ProcessMark.parse(self.text())).contains(self);
        assertThat(self.find()).contains(ProcessHandle.current());
        assertThat(new ProcessMark(self.pid(), self.startedAtMs() - 1000).find())
                .isEmpty();
        assertThat(ProcessMark.parse("")).isEmpty();
        assertThat(ProcessMark.parse("12 x")).isEmpty();
    }

    @Test
    void residentMemoryIsReadFromWhatTheSystemSays() {
        assertThat(ProcessMemory.parse("Name:\tjava\nVmRSS:\t  2048 kB\n")).isEqualTo(2L << 20);
        assertThat(ProcessMemory.parse("Name:\tjava\n")).isEqualTo(-1);
    }

    private static int voterCount(int brokerCount) {
        return layout(brokerCount).config(1).get("metadata.voters").split(",").length;
    }

    private static LocalLayout layout(int brokerCount) {
        return new LocalLayout(DIRECTORY, new PortLayout(7400), brokerCount);
    }
}
