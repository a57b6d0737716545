package io.lograft.broker.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lograft.broker.log.config.LogConfig;
import io.lograft.metadata.command.TopicDefaults;
import io.lograft.metadata.ratis.QuorumTimings;
import io.lograft.metadata.ratis.VoterAddress;
import io.lograft.model.BrokerId;
import io.lograft.model.FlushMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigLoaderTest {
    private static final Path SHIPPED_FILE = Path.of("../config/broker.properties");

    @TempDir
    Path directory;

    @Test
    void withNothingGivenItIsASingleNodeClusterOnThisMachine() throws Exception {
        BrokerConfig config = load();
        assertThat(config.brokerId()).isEqualTo(new BrokerId(1));
        assertThat(config.isVoter()).isTrue();
        assertThat(config.metadata().voters())
                .containsExactly(new VoterAddress(new BrokerId(1), "localhost", 7401, 7400));
        assertThat(config.network().advertised()).isEqualTo(new HostPort("localhost", 7400));
        assertThat(config.storage().directories()).containsExactly(Path.of("./data/log"));
        assertThat(config.storage().log().cleanup().retention().ms()).isEqualTo(604_800_000L);
        assertThat(config.topics()).isEqualTo(new TopicDefaults(1, 3, 2, FlushMode.COMMIT));
    }

    @Test
    void environmentWinsOverFileAndSetOverEnvironment() throws Exception {
        Path file = file("broker.id=1\nnum.partitions=2\nmin.insync.replicas=3\n");
        BrokerConfig config = ConfigLoader.load(
                Optional.of(file),
                Map.of("LOGRAFT_NUM_PARTITIONS", "4", "LOGRAFT_MIN_INSYNC_REPLICAS", "4", "PATH", "/bin"),
                List.of("min.insync.replicas=1", "flush.mode=OS", "flush.mode=os"));
        assertThat(config.topics()).isEqualTo(new TopicDefaults(4, 3, 1, FlushMode.OS));
    }

    @Test
    void takesTheWholeOfAClusterMember() throws Exception {
        BrokerConfig config = load(
                "broker.id=2",
                "listeners=grpc://:7400, raft://0.0.0.0:7401, http://[::1]:0",
                "advertised.address=broker-2:7400",
                "metadata.voters=1@broker-1:7401,3@broker-3:7401,2@broker-2:7401",
                "log.dirs=/a,/b",
                "log.roll.ms=60000",
                "log.retention.ms=-1",
                "message.timestamp.type=LogAppendTime");
        assertThat(config.network().grpc().isAllInterfaces()).isTrue();
        assertThat(config.network().raft().isAllInterfaces()).isTrue();
        assertThat(config.network().http()).isEqualTo(new HostPort("::1", 0));
        assertThat(config.network().advertised()).hasToString("broker-2:7400");
        assertThat(config.metadata().voters())
                .extracting(VoterAddress::broker)
                .containsExactly(new BrokerId(1), new BrokerId(2), new BrokerId(3));
        assertThat(config.storage().directories()).containsExactly(Path.of("/a"), Path.of("/b"));
        assertThat(config.storage().log().segmentAge()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.storage().log().cleanup().retention().ms()).isEqualTo(-1);
        assertThat(config.storage().log().timestamps()).isEqualTo(LogConfig.Timestamps.LOG_APPEND_TIME);
    }

    @Test
    void aBrokerOutsideTheVotersIsNoneUntilItIsAdded() throws Exception {
        BrokerConfig config = load("broker.id=9", "metadata.voters=1@a:7401");
        assertThat(config.isVoter()).isFalse();
        assertThat(config.quorum().isNamed()).isFalse();
        assertThat(config.quorum().self()).isEqualTo(VoterAddress.parse("9@localhost:7401"));
    }

    @Test
    void electionTimeoutsFollowFromTheNumberOfVotersUnlessTheyAreGiven() throws Exception {
        assertThat(load().metadata().timings()).isEqualTo(QuorumTimings.single());
        String three = "metadata.voters=1@a:7401,2@b:7401,3@c:7401";
        assertThat(load(three).metadata().timings()).isEqualTo(QuorumTimings.several());
        assertThat(load(three, "metadata.election.timeout.min.ms=2000").quorum().timings())
                .extracting(QuorumTimings::electionMinMs, QuorumTimings::electionMaxMs)
                .containsExactly(2000, 4000);
    }

    @Test
    void aListenerOnAllInterfacesIsAdvertisedUnderTheNameOfTheMachine() throws Exception {
        BrokerConfig config = load("listeners=grpc://:7500,raft://:7501,http://:7502");
        assertThat(config.network().advertised().host()).isNotEmpty().isNotEqualTo("0.0.0.0");
        assertThat(config.network().advertised().port()).isEqualTo(7500);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "broker.id=x; broker.id=x; a whole number from 0",
                "broker.id=-1; negative; a whole number from 0",
                "num.partitions=0; num.partitions=0; from 1 to 10000",
                "num.partitions=1e3; num.partitions=1e3; from 1 to 10000",
                "log.segment.bytes=99999999999; 99999999999; from 4096",
                "flush.mode=never; flush.mode=never; commit or os",
                "message.timestamp.type=now; =now; CreateTime or LogAppendTime",
                "listeners=grpc://a:1; one of the three is missing; grpc://HOST:PORT",
                "listeners=grpc://a:1,grpc://b:2,raft://c:3; grpc stands there twice; each once",
                "listeners=kafka://a:9092; is no grpc://; grpc://HOST:PORT",
                "listeners=grpc://a:1,,raft://b:1,http://c:1; empty part; grpc://HOST:PORT",
                "listeners=grpc://a:x,raft://b:1,http://c:1; not a port number; grpc://HOST:PORT",
                "listeners=grpc://a:70000,raft://b:1,http://c:1; 70000 is not in 0..65535; grpc://HOST:PORT",
                "advertised.address=:7400; others cannot connect to it; HOST:PORT",
                "advertised.address=host; lacks a port; HOST:PORT",
                "metadata.voters=1@a:2,2@b:2; 2 voters; 1, 3 or 5",
                "metadata.voters=a:1; metadata.voters=a:1 from --set; ID@HOST:PORT",
                "metadata.voters=1@a:2,1@b:2,2@c:2; named twice; ID@HOST:PORT",
                "log.dirs=/a,/a; stands there twice; directories",
                "broker.session.timeout.ms=900; =900; at least twice broker.heartbeat.interval.ms (500)",
                "metadata.election.timeout.max.ms=150; =150; above metadata.election.timeout.min.ms (400)",
                "metadata.voters=1@a:7500; 1@a:7500; the port of its raft:// listener, 7401",
                "brokr.id=1; unknown key brokr.id (=1) from --set; did you mean broker.id?",
                "zookeeper.connect=a:2181; unknown key zookeeper.connect; config/broker.properties lists all keys",
                "log.cleanup.policy=compact,forget; compact,forget; delete, compact, or both",
                "log.cleaner.min.cleanable.ratio=1.5; =1.5; a number from 0 to 1",
                "offsets.retention.minutes=0; =0; a whole number from 1",
                "group.max.session.timeout.ms=1000,; =1000,; a whole number from 1000",
                "group.min.session.timeout.ms=3600000; =1800000; at least group.min.session.timeout.ms (3600000)",
                "log.dirs; --set log.dirs; KEY=VALUE",
            })
    void badSettingsAreRefusedInOneLineWithKeyValueAndWhatIsAllowed(String set, String value, String allowed) {
        assertThatThrownBy(() -> load(set))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(value)
                .hasMessageContaining(allowed)
                .extracting(Throwable::getMessage)
                .asString()
                .doesNotContain("\n");
    }

    @Test
    void segmentsMayBeSmallerThanBatches() throws Exception {
        BrokerConfig config = load("log.segment.bytes=5000");
        assertThat(config.storage().log().segmentBytes()).isEqualTo(5000);
        assertThat(config.storage().produce().batchBytesMax()).isEqualTo(1_048_588);
    }

    @Test
    void anUnknownVariableOfOursIsRefusedButNotThoseOfTheCommandsOrOfKubernetes() throws Exception {
        assertThatThrownBy(() -> environment("LOGRAFT_BROKR_ID", "1"))
                .hasMessageContaining("LOGRAFT_BROKR_ID")
                .hasMessageContaining("did you mean broker.id?");
        environment("LOGRAFT_BOOTSTRAP", "a:7400");
        environment("LOGRAFT_PORT", "tcp://10.0.0.1:7400");
        environment("LOGRAFT_PORT_7400_TCP_ADDR", "10.0.0.1");
        environment("LOGRAFT_SERVICE_HOST", "10.0.0.1");
        assertThat(environment("LOGRAFT_BROKER_ID", "7").brokerId()).isEqualTo(new BrokerId(7));
    }

    @Test
    void aFileThatIsMissingOrNoTextIsRefusedWithItsName() throws IOException {
        Path missing = directory.resolve("none.properties");
        assertThatThrownBy(() -> ConfigLoader.load(Optional.of(missing), Map.of(), List.of()))
                .hasMessage("configuration file " + missing + " does not exist");
        Path binary = Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThatThrownBy(() -> ConfigLoader.load(Optional.of(binary), Map.of(), List.of()))
                .hasMessageContaining("is not UTF-8 text");
        assertThatThrownBy(() -> ConfigLoader.load(Optional.of(directory), Map.of(), List.of()))
                .hasMessageContaining(directory + " cannot be read");
    }

    @Test
    void theShippedFileHasEveryKeyOnceWithACommentAndItsDefault() throws Exception {
        Pattern line = Pattern.compile("#([a-z0-9.]+)=(.*)");
        List<String> names = new ArrayList<>();
        String previous = "";
        for (String text : Files.readAllLines(SHIPPED_FILE)) {
            Matcher matcher = line.matcher(text);
            if (matcher.matches()) {
                String name = matcher.group(1);
                names.add(name);
                String expected = ConfigKeys.ALL.stream()
                        .filter(key -> key.name().equals(name))
                        .map(key -> key.defaultText() == null ? "" : key.defaultText())
                        .findFirst()
                        .orElse("not a key");
                assertThat(matcher.group(2)).as(name).isEqualTo(expected);
                assertThat(previous).as("comment before " + name).startsWith("#");
            }
            previous = text;
        }
        assertThat(names)
                .containsExactlyInAnyOrderElementsOf(
                        ConfigKeys.ALL.stream().map(ConfigKey::name).toList());
        ConfigLoader.load(Optional.of(SHIPPED_FILE), Map.of(), List.of());
    }

    private static BrokerConfig load(String... sets) throws ConfigException {
        return ConfigLoader.load(Optional.empty(), Map.of(), List.of(sets));
    }

    private static BrokerConfig environment(String name, String value) throws ConfigException {
        return ConfigLoader.load(Optional.empty(), Map.of(name, value), List.of());
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("broker.properties"), text);
    }
}
