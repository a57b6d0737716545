package io.lograft.metadata.ratis;

import io.lograft.model.BrokerId;
import java.io.IOException;
import java.io.StringReader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The metadata directory of a voter and its {@code meta.properties}: broker id, the directory's own random id, and once
 * it belongs to a quorum the voters that this was formed of, with their directory ids. It is what tells a voter that it
 * has voted before: Ratis itself would silently start anew in an empty directory.
 *
 * <p>Owned by: the thread that starts the voter; reads may come from any.
 */
public final class QuorumDirectory {
    private static final String FILE = "meta.properties";
    private static final String FORMAT = "1";
    private static final String RAFT = "raft";
    private static final String STORE = "store";
    private static final String RETIRED = "retired";

    /** What {@code meta.properties} says. */
    private record Content(String directoryId, List<Voter> formation, boolean hasVoted, boolean isRemoved) {}

    private final Path dir;
    private final BrokerId broker;
    private final Optional<String> loss;
    private volatile Content content;

    private QuorumDirectory(Path dir, BrokerId broker, Optional<String> loss, Content content) {
        this.dir = dir;
        this.broker = broker;
        this.loss = loss;
        this.content = content;
    }

    /** True where the directory was ever used by a voter. */
    public static boolean isPresent(Path dir) throws IOException {
        return Files.exists(dir.resolve(FILE)) || holdsRaftGroup(dir);
    }

    /**
     * Opens the directory, or makes it with a fresh id. Throws IOException where it belongs to another broker or cannot
     * be read. Where a part of it is missing, {@link #loss} says so, and it must not be used before {@link #renew}.
     */
    public static QuorumDirectory open(Path dir, BrokerId broker) throws IOException {
        Files.createDirectories(dir);
        Path file = dir.resolve(FILE);
        boolean holdsGroup = holdsRaftGroup(dir);
        if (!Files.exists(file)) {
            Optional<String> loss = holdsGroup
                    ? Optional.of(dir + " holds a Raft log but no " + FILE
                            + ", and a voter that forgot who it is must not vote")
                    : Optional.empty();
            QuorumDirectory fresh =
                    new QuorumDirectory(dir, broker, loss, new Content(randomId(), List.of(), false, false));
            if (loss.isEmpty()) {
                fresh.store();
            }
            return fresh;
        }
        Content content = load(file, broker);
        Optional<String> loss = content.hasVoted() && !content.isRemoved() && !holdsGroup
                ? Optional.of(dir + " has lost its Raft log, and with it the votes of broker " + broker)
                : Optional.empty();
        return new QuorumDirectory(dir, broker, loss, content);
    }

    private static String randomId() {
        UUID random = UUID.randomUUID();
        return HexFormat.of().toHexDigits(random.getMostSignificantBits())
                + HexFormat.of().toHexDigits(random.getLeastSignificantBits());
    }

    private static Content load(Path file, BrokerId broker) throws IOException {
        Properties properties = new Properties();
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        properties.load(new StringReader(text));
        if (!FORMAT.equals(properties.getProperty("format"))) {
            throw new IOException(file + " has format " + properties.getProperty("format") + ", expected " + FORMAT);
        }
        String owner = properties.getProperty("broker.id", "");
        if (!owner.equals(broker.toString())) {
            throw new IOException(file + " belongs to broker " + owner + ", this is broker " + broker);
        }
        // A file that was cut must not look like one of a voter that has never voted.
        if (!text.endsWith("\n")
                || !properties.getProperty("directory.id", "").matches("[0-9a-f]{32}")
                || !properties.getProperty("has.voted", "").matches("true|false")
                || properties.getProperty("voters") == null) {
            throw new IOException(file + " is damaged");
        }
        String voters = properties.getProperty("voters");
        try {
            List<Voter> formation = voters.isEmpty()
                    ? List.of()
                    : Arrays.stream(voters.split(",", -1)).map(Voter::parse).toList();
            return new Content(
                    properties.getProperty("directory.id"),
                    formation,
                    Boolean.parseBoolean(properties.getProperty("has.voted")),
                    Boolean.parseBoolean(properties.getProperty("removed")));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    private static boolean holdsRaftGroup(Path dir) throws IOException {
        Path raft = dir.resolve(RAFT);
        if (!Files.isDirectory(raft)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(raft)) {
            return entries.anyMatch(entry -> Files.exists(entry.resolve("current/raft-meta")));
        }
    }

    /** 32 hexadecimal digits, made when the directory was. */
    public String directoryId() {
        return content.directoryId();
    }

    /** What is missing; empty for a directory that is whole. */
    public Optional<String> loss() {
        return loss;
    }

    /** True where this voter was removed from its quorum. */
    public boolean isRemoved() {
        return content.isRemoved();
    }

    /** The voters that the quorum was formed of, sorted by broker id; empty before it belongs to one. */
    public Optional<List<Voter>> formation() {
        return content.formation().isEmpty() ? Optional.empty() : Optional.of(content.formation());
    }

    /** Remembers durably what the quorum was formed of. To be called before the first vote; later calls must agree. */
    void form(List<Voter> voters) throws IOException {
        List<Voter> sorted = Voter.sorted(voters);
        if (content.formation().equals(sorted)) {
            return;
        }
        if (!content.formation().isEmpty()) {
            throw new IllegalStateException("the quorum was formed of " + content.formation() + ", not of " + sorted);
        }
        content = new Content(content.directoryId(), sorted, content.hasVoted(), content.isRemoved());
        store();
    }

    /** Remembers durably that Ratis has a log and votes here, so that their absence later is noticed. */
    void markVoted() throws IOException {
        if (!content.hasVoted()) {
            content = new Content(content.directoryId(), content.formation(), true, content.isRemoved());
            store();
        }
    }

    /** Remembers durably that this voter is none any more: its Raft server is not started again. */
    public void markRemoved() throws IOException {
        content = new Content(content.directoryId(), content.formation(), content.hasVoted(), true);
        store();
    }

    /**
     * Begins anew under another id, as another voter. What was there is set aside below {@code retired}, in place of what
     * was set aside before.
     */
    public QuorumDirectory renew() throws IOException {
        Path retired = dir.resolve(RETIRED);
        CheckpointStorage.deleteTree(retired);
        Files.createDirectories(retired);
        for (String name : List.of(FILE, RAFT, STORE)) {
            Path part = dir.resolve(name);
            if (Files.exists(part)) {
                Files.move(part, retired.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        force(dir);
        return open(dir, broker);
    }

    private void store() throws IOException {
        String text = "# Who this voter of the metadata quorum is. Not to be edited, copied or deleted.\n"
                + "format=" + FORMAT + "\n"
                + "broker.id=" + broker + "\n"
                + "directory.id=" + content.directoryId() + "\n"
                + "has.voted=" + content.hasVoted() + "\n"
                + "removed=" + content.isRemoved() + "\n"
                + "voters=" + content.formation().stream().map(Voter::toString).collect(Collectors.joining(",")) + "\n";
        Path temporary = dir.resolve(FILE + ".tmp");
        Files.writeString(temporary, text);
        force(temporary);
        Files.move(temporary, dir.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        force(dir);
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    Path raftDir() {
        return dir.resolve(RAFT);
    }

    Path storeDir() {
        return dir.resolve(STORE);
    }
}
