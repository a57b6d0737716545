package io.lograft.metadata.ratis;

import io.lograft.metadata.codec.CommandCodec;
import io.lograft.metadata.codec.RecordCodec;
import io.lograft.metadata.codec.UnknownMetadataException;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.command.MetadataRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Logger;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Reads the files of a voter without being one: nothing is locked, nothing is written, so a live voter may own them. What
 * it changes meanwhile may make a read fail, which the next one gets over. Stateless.
 */
public final class MetadataReader {
    private static final SizeInBytes ENTRY_BYTES_MAX = SizeInBytes.valueOf("64MB");

    /** Of the file that the voter appends to; others are named after their first and last index. */
    private static final String OPEN_PREFIX = "log_inprogress_";

    private static final Pattern NAME = Pattern.compile("log_(?:inprogress_)?([0-9]{1,18})(?:-[0-9]{1,18})?");

    private MetadataReader() {}

    /**
     * An entry of the Raft log.
     *
     * @param kind {@code command}, {@code configuration} or {@code commit}
     * @param type of a command
     * @param text what it says
     */
    public record RaftEntry(long term, long index, String kind, String type, String text) {}

    /** A record of the store, or of a checkpoint of it. */
    public record StoredRecord(String type, String text) {}

    /** How far a store is: term and index of the entry applied last, and of the one that last changed something. */
    public record StorePosition(long term, long index, long imageIndex) {}

    /** True for the name of a file of the Raft log. */
    public static boolean isRaftLog(String path) {
        return NAME.matcher(nameOf(path)).matches();
    }

    private static String nameOf(String path) {
        return String.valueOf(Path.of(path).getFileName());
    }

    /** True where the voter appends to the file. */
    public static boolean isOpen(String path) {
        return nameOf(path).startsWith(OPEN_PREFIX);
    }

    /** Index of the first entry, by the name of the file, which has to be one of the Raft log. */
    public static long firstIndex(String path) {
        Matcher name = NAME.matcher(nameOf(path));
        if (!name.matches()) {
            throw new IllegalArgumentException(path + " has not the name of a file of the Raft log");
        }
        return Long.parseLong(name.group(1));
    }

    /**
     * Hands out the entries of a file of the Raft log, by Ratis' own reader, which verifies their checksums.
     *
     * @throws IOException at the first entry that is damaged or cut
     */
    public static void readRaftLog(String path, Consumer<RaftEntry> consumer) throws IOException {
        // Ratis deletes an open file that is still empty as soon as it is asked about its name.
        if (Files.size(Path.of(path)) == 0) {
            return;
        }
        LogSegmentPath segment = LogSegmentPath.matchLogSegment(Path.of(path));
        if (segment == null) {
            throw new IOException(path + " has not the name of a file of the Raft log");
        }
        try {
            LogSegment.readSegmentFile(
                    segment.getPath().toFile(),
                    segment.getStartEnd(),
                    ENTRY_BYTES_MAX,
                    CorruptionPolicy.EXCEPTION,
                    null,
                    entry -> consumer.accept(decode(entry)));
        } catch (IllegalStateException outOfOrder) {
            throw new IOException(path + ": " + outOfOrder.getMessage(), outOfOrder);
        }
    }

    private static RaftEntry decode(LogEntryProto entry) {
        if (entry.hasStateMachineLogEntry()) {
            byte[] bytes = entry.getStateMachineLogEntry().getLogData().toByteArray();
            try {
                MetadataCommand command = CommandCodec.fromBytes(bytes);
                return entry(entry, "command", command.getClass().getSimpleName(), command.toString());
            } catch (UnknownMetadataException unknown) {
                return entry(entry, "command", "unknown", unknown.getMessage());
            }
        }
        if (entry.hasConfigurationEntry()) {
            String peers = String.join(
                    ",",
                    entry.getConfigurationEntry().getPeersList().stream()
                            .map(peer -> peer.getId().toStringUtf8() + "@" + peer.getAddress())
                            .toList());
            return entry(entry, "configuration", null, peers);
        }
        return entry(
                entry, "commit", null, Long.toString(entry.getMetadataEntry().getCommitIndex()));
    }

    private static RaftEntry entry(LogEntryProto entry, String kind, String type, String text) {
        return new RaftEntry(entry.getTerm(), entry.getIndex(), kind, type, text);
    }

    /** True for a directory of the store, or of a checkpoint. */
    public static boolean isStore(String directory) {
        return Path.of(directory, "CURRENT").toFile().isFile();
    }

    /** Hands out all records of a store or checkpoint in the order of their keys. */
    public static StorePosition readStore(String directory, Consumer<StoredRecord> consumer) throws IOException {
        RocksDB.loadLibrary();
        try (Options options = new Options().setInfoLogLevel(InfoLogLevel.FATAL_LEVEL);
                Logger silent = new SilentLogger(options)) {
            // Without a logger of ours RocksDB would begin a log file in a directory that is not ours.
            options.setLogger(silent);
            try (RocksDB store = RocksDB.openReadOnly(options, directory);
                    RocksIterator iterator = store.newIterator()) {
                for (iterator.seek(new byte[] {MetadataStore.RECORD}); iterator.isValid(); iterator.next()) {
                    consumer.accept(decode(iterator.value()));
                }
                iterator.status();
                byte[] position = store.get(MetadataStore.POSITION);
                return position == null ? new StorePosition(0, -1, 0) : position(ByteBuffer.wrap(position));
            }
        } catch (RocksDBException e) {
            throw new IOException("cannot read the metadata store in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static StorePosition position(ByteBuffer bytes) {
        return new StorePosition(bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    private static StoredRecord decode(byte[] value) {
        try {
            MetadataRecord metadata = RecordCodec.fromBytes(value);
            return new StoredRecord(metadata.getClass().getSimpleName(), metadata.toString());
        } catch (UnknownMetadataException unknown) {
            return new StoredRecord("unknown", unknown.getMessage());
        }
    }

    private static final class SilentLogger extends Logger {
        SilentLogger(Options options) {
            super(options.infoLogLevel());
        }

        @Override
        protected void log(InfoLogLevel level, String message) {
            // What RocksDB says of a read is of no use to whoever reads.
        }
    }
}
