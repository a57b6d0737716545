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
 * the quorum is formed the voters with their directory ids. It is what tells a voter that it has voted before: Ratis
 * itself would silently start anew in an empty directory.
 *
 * <p>Owned by: the thread that starts the voter.
 */
public final class QuorumDirectory {
    private static final String FILE = "meta.properties";
    private static final String FORMAT = "1";

    private final Path dir;
    private final BrokerId broker;
    private final String directoryId;
    private volatile List<Voter> formation;
    private boolean hasVoted;

    private QuorumDirectory(Path dir, BrokerId broker, String directoryId, List<Voter> formation, boolean hasVoted) {
        this.dir = dir;
        this.broker = broker;
        this.directoryId = directoryId;
        this.formation = formation;
        this.hasVoted = hasVoted;
    }

    /**
     * Opens the directory, or makes it with a fresh id. Throws IOException where it belongs to another broker or part
     * of it is missing.
     */
    public static QuorumDirectory open(Path dir, BrokerId broker) throws IOException {
        Files.createDirectories(dir);
        Path file = dir.resolve(FILE);
        if (!Files.exists(file)) {
            if (holdsRaftGroup(dir)) {
                throw new IOException(dir + " holds a Raft log but no " + FILE
                        + "; a voter that forgot who it is must not vote. Restore the file, or remove this voter from"
                        + " the quorum and add it anew with an empty directory");
            }
            UUID random = UUID.randomUUID();
            String id = HexFormat.of().toHexDigits(random.getMostSignificantBits())
                    + HexFormat.of().toHexDigits(random.getLeastSignificantBits());
            QuorumDirectory fresh = new QuorumDirectory(dir, broker, id, List.of(), false);
            fresh.store();
            return fresh;
        }
        return load(dir, file, broker);
    }

    private static QuorumDirectory load(Path dir, Path file, BrokerId broker) throws IOException {
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
        List<Voter> formation = voters.isEmpty()
                ? List.of()
                : Arrays.stream(voters.split(",", -1)).map(Voter::parse).toList();
        boolean hasVoted = Boolean.parseBoolean(properties.getProperty("has.voted"));
        if (hasVoted && !holdsRaftGroup(dir)) {
            throw new IOException(dir + " has lost its Raft log, and with it the votes of broker " + broker
                    + "; remove this voter from the quorum and add it anew with an empty directory");
        }
        return new QuorumDirectory(dir, broker, properties.getProperty("directory.id"), formation, hasVoted);
    }

    private static boolean holdsRaftGroup(Path dir) throws IOException {
        Path raft = dir.resolve("raft");
        if (!Files.isDirectory(raft)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(raft)) {
            return entries.anyMatch(entry -> Files.exists(entry.resolve("current/raft-meta")));
        }
    }

    /** 32 hexadecimal digits, made when the directory was. */
    public String directoryId() {
        return directoryId;
    }

    /** The voters that the quorum was formed of, sorted by broker id; empty before. */
    public Optional<List<Voter>> formation() {
        return formation.isEmpty() ? Optional.empty() : Optional.of(formation);
    }

    /** Remembers durably what the quorum is formed of. To be called before the first vote; later calls must agree. */
    void form(List<Voter> voters) throws IOException {
        List<Voter> sorted = Voter.sorted(voters);
        if (formation.equals(sorted)) {
            return;
        }
        if (!formation.isEmpty()) {
            throw new IllegalStateException("the quorum was formed of " + formation + ", not of " + sorted);
        }
        formation = sorted;
        store();
    }

    /** Remembers durably that Ratis has a log and votes here, so that their absence later is noticed. */
    void markVoted() throws IOException {
        if (!hasVoted) {
            hasVoted = true;
            store();
        }
    }

    private void store() throws IOException {
        String text = "# Who this voter of the metadata quorum is. Not to be edited, copied or deleted.\n"
                + "format=" + FORMAT + "\n"
                + "broker.id=" + broker + "\n"
                + "directory.id=" + directoryId + "\n"
                + "has.voted=" + hasVoted + "\n"
                + "voters=" + formation.stream().map(Voter::toString).collect(Collectors.joining(",")) + "\n";
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
        return dir.resolve("raft");
    }

    Path storeDir() {
        return dir.resolve("store");
    }
}
