package io.lograft.cli.local;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How a cluster on this machine is laid out: pure, from three numbers. Brokers are numbered from 1. At most five of
 * them, the first ones, carry the metadata.
 *
 * @param directory where everything of the cluster lies; absolute
 * @param ports its ports
 * @param brokerCount number of brokers
 */
record LocalLayout(Path directory, PortLayout ports, int brokerCount) {
    static final int BROKERS_MAX = 50;
    private static final int VOTERS_MAX = 5;
    private static final String HOST = "127.0.0.1";

    LocalLayout {
        if (brokerCount < 1 || brokerCount > BROKERS_MAX) {
            throw new IllegalArgumentException(brokerCount + " brokers are not in 1.." + BROKERS_MAX);
        }
        if (!ports.holds(brokerCount)) {
            throw new IllegalArgumentException(
                    brokerCount + " brokers from port " + ports.base() + " on need ports above 65535");
        }
        if (!directory.isAbsolute()) {
            throw new IllegalArgumentException(directory + " is not absolute");
        }
    }

    List<Integer> brokerIds() {
        return IntStream.rangeClosed(1, brokerCount).boxed().toList();
    }

    /** Directory of one broker: its configuration, its output and its data. */
    Path home(int brokerId) {
        return directory.resolve("broker-" + brokerId);
    }

    Path configFile(int brokerId) {
        return home(brokerId).resolve("broker.properties");
    }

    /** File that the broker's output is appended to. */
    Path outputFile(int brokerId) {
        return home(brokerId).resolve("broker.out");
    }

    /** File with the process that was started last. */
    Path processFile(int brokerId) {
        return home(brokerId).resolve("process");
    }

    /** Where clients reach a broker. */
    String address(int brokerId) {
        return HOST + ":" + ports.grpc(brokerId);
    }

    /** Addresses of all brokers, for {@code --bootstrap}. */
    String bootstrap() {
        return brokerIds().stream().map(this::address).collect(Collectors.joining(","));
    }

    /** Configuration of one broker; the keys are those of {@code config/broker.properties}. */
    Map<String, String> config(int brokerId) {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("broker.id", Integer.toString(brokerId));
        config.put(
                "listeners",
                "grpc://%1$s:%2$d,raft://%1$s:%3$d,http://%1$s:%4$d"
                        .formatted(HOST, ports.grpc(brokerId), ports.raft(brokerId), ports.http(brokerId)));
        config.put("metadata.voters", voters());
        config.put("metadata.dir", home(brokerId).resolve("metadata").toString());
        config.put("log.dirs", home(brokerId).resolve("log").toString());
        return config;
    }

    /** The configuration as the text of a properties file. */
    String configText(int brokerId) {
        StringBuilder text = new StringBuilder("# Broker " + brokerId + " of a cluster on this machine.\n");
        config(brokerId)
                .forEach((key, value) -> text.append(key)
                        .append('=')
                        .append(value.replace("\\", "\\\\"))
                        .append('\n'));
        return text.toString();
    }

    /** An even number of voters survives no more failures than one less, so the number is odd. */
    private String voters() {
        int count = Math.min(VOTERS_MAX, brokerCount % 2 == 0 ? brokerCount - 1 : brokerCount);
        return IntStream.rangeClosed(1, count)
                .mapToObj(id -> id + "@" + HOST + ":" + ports.raft(id))
                .collect(Collectors.joining(","));
    }
}
