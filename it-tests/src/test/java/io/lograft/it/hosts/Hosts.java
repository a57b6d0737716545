package io.lograft.it.hosts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hosts 1 to N, each a network namespace with one address, behind a bridge in a namespace of its own; the machine that
 * runs the tests is in the same network as host 0. The network is 198.18.X.0/24, of the range that is set aside for
 * tests, and its X is claimed by a file lock: that keeps parallel runs apart, and tells what a run that was killed left
 * behind, which the next one removes. For one thread; {@link #close} removes everything.
 */
public final class Hosts implements AutoCloseable {
    /** The host that the tests themselves are. */
    public static final int TESTS = 0;

    private static final String PREFIX = "lograft-";
    private static final Path LOCKS = Path.of("/run/lock");
    private static final Pattern NAMESPACE = Pattern.compile("^lograft-(\\d+)-.*");
    private static final int NETWORKS = 256;
    private static final int ATTEMPTS = 50;

    private final int network;
    private final int count;
    private final FileChannel claim;
    private final Thread hook = new Thread(this::remove, "hosts-removal");
    private boolean isClosed;

    private Hosts(int network, int count, FileChannel claim) {
        this.network = network;
        this.count = count;
        this.claim = claim;
    }

    /** True where hosts can be made here: bin/test asks the same. */
    public static boolean arePossible() {
        return "root".equals(System.getProperty("user.name"))
                && Commands.succeed("ip", "netns", "list")
                && Commands.succeed("iptables", "--version");
    }

    /** Makes so many hosts that reach each other. */
    public static Hosts create(int count) {
        removeLeftovers();
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int network = ThreadLocalRandom.current().nextInt(NETWORKS);
            FileChannel claim = claim(network);
            if (claim != null) {
                Hosts hosts = new Hosts(network, count, claim);
                Runtime.getRuntime().addShutdownHook(hosts.hook);
                try {
                    hosts.build();
                    return hosts;
                } catch (RuntimeException | Error e) {
                    hosts.close();
                    throw e;
                }
            }
        }
        throw new IllegalStateException("all test networks are taken");
    }

    /** Null if another run has it. */
    private static FileChannel claim(int network) {
        try {
            FileChannel channel = FileChannel.open(
                    LOCKS.resolve(PREFIX + "test-network-" + network),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            FileLock lock = null;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                lock = null; // Taken by this very process.
            }
            if (lock == null) {
                channel.close();
                return null;
            }
            return channel;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes the hosts of runs that ended without doing so: nobody holds their lock any more. */
    private static void removeLeftovers() {
        TreeSet<Integer> networks = new TreeSet<>();
        for (String line : Commands.run("ip", "netns", "list").lines().toList()) {
            Matcher matcher = NAMESPACE.matcher(line);
            if (matcher.matches()) {
                networks.add(Integer.parseInt(matcher.group(1)));
            }
        }
        for (int network : networks) {
            FileChannel claim = claim(network);
            if (claim != null) {
                new Hosts(network, 0, claim).remove();
                release(claim);
            }
        }
    }

    private void build() {
        // First of all: without a better route, nothing for this network may leave the machine.
        ip("route add unreachable %s metric 4000".formatted(subnet()));
        ip("netns add %s".formatted(hub()));
        ip("-n %s link set lo up".formatted(hub()));
        ip("-n %s link add br0 type bridge".formatted(hub()));
        ip("-n %s link set br0 up".formatted(hub()));
        for (int host = 1; host <= count; host++) {
            ip("netns add %s".formatted(namespace(host)));
            ip("-n %s link add %s type veth peer name eth0 netns %s".formatted(hub(), port(host), namespace(host)));
            ip("-n %s link set %s master br0 up".formatted(hub(), port(host)));
            ip("-n %s link set lo up".formatted(namespace(host)));
            ip("-n %s addr add %s/24 dev eth0".formatted(namespace(host), address(host)));
            ip("-n %s link set eth0 up".formatted(namespace(host)));
        }
        ip("link add %s type veth peer name %s netns %s".formatted(ownInterface(), port(TESTS), hub()));
        ip("-n %s link set %s master br0 up".formatted(hub(), port(TESTS)));
        ip("addr add %s/24 dev %s".formatted(address(TESTS), ownInterface()));
        ip("link set %s up".formatted(ownInterface()));
    }

    /** A host's address. */
    public String address(int host) {
        return "198.18.%d.%d".formatted(network, host == TESTS ? 1 : 10 + host);
    }

    /** What is put before a command so that it runs on a host. */
    public List<String> prefix(int host) {
        return List.of("ip", "netns", "exec", namespace(host));
    }

    /** What one host sends to another is lost from now on. */
    public void cutOneWay(int from, int to) {
        rule(to, "INPUT -s %s -j DROP".formatted(address(from)));
    }

    /** Two hosts hear nothing of each other from now on. */
    public void cut(int one, int other) {
        cutOneWay(one, other);
        cutOneWay(other, one);
    }

    /** Connections from one host to a port of another are cut; those the other way round go on. */
    public void cutConnections(int from, int to, int port) {
        rule(to, "INPUT -p tcp -s %s --dport %d -j DROP".formatted(address(from), port));
        rule(to, "OUTPUT -p tcp -d %s --sport %d -j DROP".formatted(address(from), port));
    }

    /** All connections between two hosts are answered with a reset. */
    public void reset(int one, int other) {
        rule(one, "INPUT -p tcp -s %s -j REJECT --reject-with tcp-reset".formatted(address(other)));
        rule(other, "INPUT -p tcp -s %s -j REJECT --reject-with tcp-reset".formatted(address(one)));
    }

    /** A part of all packets that arrive at a host is lost, from 0 to 1. */
    public void lose(int host, double part) {
        rule(host, String.format(Locale.ROOT, "INPUT -m statistic --mode random --probability %.3f -j DROP", part));
    }

    /** The host's cable is out: nobody reaches it, the tests neither. */
    public void unplug(int host) {
        ip("-n %s link set %s down".formatted(hub(), port(host)));
    }

    /** What the host sends and gets passes at this rate only, for example {@code 20mbit}. */
    public void slow(int host, String rate) {
        tc("%s qdisc add dev %s root tbf rate %s burst 64kb latency 300ms".formatted(hub(), port(host), rate));
        tc("%s qdisc add dev eth0 root tbf rate %s burst 64kb latency 300ms".formatted(namespace(host), rate));
    }

    /** Takes back every fault of a host's network, of whatever kind. */
    public void heal(int host) {
        Commands.run(onHost(host, "iptables -w -F"));
        ip("-n %s link set %s up".formatted(hub(), port(host)));
        // There is something to delete only where the link was slow.
        Commands.succeed(("tc -n " + hub() + " qdisc del dev " + port(host) + " root").split(" ", -1));
        Commands.succeed(("tc -n " + namespace(host) + " qdisc del dev eth0 root").split(" ", -1));
    }

    /** Takes back every fault. */
    public void healAll() {
        for (int host = 1; host <= count; host++) {
            heal(host);
        }
    }

    private void rule(int host, String rule) {
        if (host == TESTS) {
            throw new IllegalArgumentException("the machine of the tests gets no rules");
        }
        Commands.run(onHost(host, "iptables -w -A " + rule));
    }

    private String[] onHost(int host, String command) {
        List<String> words = new ArrayList<>(prefix(host));
        words.addAll(List.of(command.split(" ", -1)));
        return words.toArray(String[]::new);
    }

    private static void ip(String command) {
        Commands.run(("ip " + command).split(" ", -1));
    }

    private static void tc(String command) {
        Commands.run(("tc -n " + command).split(" ", -1));
    }

    private String subnet() {
        return "198.18.%d.0/24".formatted(network);
    }

    private String hub() {
        return PREFIX + network + "-hub";
    }

    private String namespace(int host) {
        return PREFIX + network + "-host" + host;
    }

    private static String port(int host) {
        return "v" + host;
    }

    private String ownInterface() {
        return "lograft" + network;
    }

    /** Ends what still runs on the hosts, and removes them. */
    private void remove() {
        for (String line : Commands.run("ip", "netns", "list").lines().toList()) {
            String name = line.split(" ", 2)[0];
            if (name.startsWith(PREFIX + network + "-")) {
                for (String pid :
                        Commands.run("ip", "netns", "pids", name).lines().toList()) {
                    ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly);
                }
                Commands.succeed("ip", "netns", "delete", name);
            }
        }
        // Goes with the hub as a rule, as the other end of its cable; the namespace may outlive its name for a moment.
        Commands.succeed("ip", "link", "delete", ownInterface());
        Commands.succeed("ip", "route", "delete", "unreachable", subnet(), "metric", "4000");
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            remove();
            release(claim);
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                return; // The virtual machine ends, and the hook runs.
            }
        }
    }

    private static void release(FileChannel claim) {
        try {
            claim.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
