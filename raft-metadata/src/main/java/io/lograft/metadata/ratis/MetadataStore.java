package io.lograft.metadata.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Checkpoint;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The metadata on disk of one voter: each record under its key, and how far the Raft log is applied, always changed in
 * one write batch. The write-ahead log of RocksDB is not fsynced: a power cut may lose a tail, which the Raft log then
 * applies again, since it is purged only up to a checkpoint.
 *
 * <p>Owned by: Ratis' apply thread, and whoever starts or closes the server.
 */
final class MetadataStore implements AutoCloseable {
    private static final byte SYSTEM = 0;
    static final byte RECORD = 1;
    static final byte[] POSITION = {SYSTEM, 'p'};
    private static final int POSITION_BYTES = 3 * Long.BYTES;
    private static final int WRITE_BUFFER_BYTES = 4 << 20;

    /**
     * How far the store is.
     *
     * @param term of the last entry applied
     * @param index of the last entry applied, -1 for none
     * @param imageIndex of the last entry that changed something, 0 for none
     */
    record Position(long term, long index, long imageIndex) {
        static final Position START = new Position(0, -1, 0);
    }

    /** What happens to one key. */
    static final class Change {
        private final String key;
        /** Null where the key is removed. */
        private final byte[] value;

        private Change(String key, byte[] value) {
            this.key = key;
            this.value = value;
        }

        static Change put(String key, byte[] value) {
            return new Change(key, value);
        }

        static Change remove(String key) {
            return new Change(key, null);
        }
    }

    private final LRUCache cache;
    private final Options options;
    private final WriteOptions writeOptions;
    private final RocksDB db;
    private Position position;

    private MetadataStore(LRUCache cache, Options options, RocksDB db) {
        this.cache = cache;
        this.options = options;
        this.writeOptions = new WriteOptions().setSync(false);
        this.db = db;
    }

    /** Opens the store, or makes an empty one. */
    static MetadataStore open(Path dir) throws IOException {
        RocksDB.loadLibrary();
        Files.createDirectories(dir);
        LRUCache cache = new LRUCache(8 << 20);
        Options options = options(cache);
        try {
            MetadataStore store = new MetadataStore(cache, options, RocksDB.open(options, dir.toString()));
            store.position = store.readPosition();
            return store;
        } catch (RocksDBException e) {
            options.close();
            cache.close();
            throw new IOException("cannot open the metadata store in " + dir, e);
        }
    }

    private static Options options(LRUCache cache) {
        return new Options()
                .setCreateIfMissing(true)
                .setWriteBufferSize(WRITE_BUFFER_BYTES)
                .setMaxWriteBufferNumber(2)
                .setMaxTotalWalSize(2L * WRITE_BUFFER_BYTES)
                .setMaxBackgroundJobs(2)
                .setMaxOpenFiles(128)
                .setKeepLogFileNum(2)
                .setMaxLogFileSize(1 << 20)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setManifestPreallocationSize(64 << 10)
                .setTableFormatConfig(
                        new BlockBasedTableConfig().setBlockCache(cache).setCacheIndexAndFilterBlocks(true));
    }

    private Position readPosition() throws RocksDBException {
        byte[] bytes = db.get(POSITION);
        if (bytes == null) {
            return Position.START;
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Position(buffer.getLong(), buffer.getLong(), buffer.getLong());
    }

    Position position() {
        return position;
    }

    /** All records' values, by key in byte order. */
    List<byte[]> records() throws IOException {
        List<byte[]> values = new ArrayList<>();
        try (RocksIterator iterator = db.newIterator()) {
            for (iterator.seek(new byte[] {RECORD}); iterator.isValid(); iterator.next()) {
                values.add(iterator.value());
            }
            iterator.status();
        } catch (RocksDBException e) {
            throw new IOException("cannot read the metadata store", e);
        }
        return values;
    }

    /** Writes changes and the new position at once. Positions only rise. */
    void write(Position next, List<Change> changes) throws IOException {
        if (next.index() <= position.index()) {
            throw new IllegalStateException("position " + next + " does not follow " + position);
        }
        try (WriteBatch batch = new WriteBatch()) {
            for (Change change : changes) {
                if (change.value == null) {
                    batch.delete(recordKey(change.key));
                } else {
                    batch.put(recordKey(change.key), change.value);
                }
            }
            batch.put(
                    POSITION,
                    ByteBuffer.allocate(POSITION_BYTES)
                            .putLong(next.term())
                            .putLong(next.index())
                            .putLong(next.imageIndex())
                            .array());
            db.write(writeOptions, batch);
        } catch (RocksDBException e) {
            throw new IOException("cannot write the metadata store at " + next, e);
        }
        position = next;
    }

    private static byte[] recordKey(String key) {
        byte[] utf8 = key.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + utf8.length).put(RECORD).put(utf8).array();
    }

    /** Makes a copy that can be opened, by hard links where possible. The directory must not exist. */
    void checkpoint(Path dir) throws IOException {
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(dir.toString());
        } catch (RocksDBException e) {
            throw new IOException("cannot make a checkpoint in " + dir, e);
        }
    }

    @Override
    public void close() {
        db.close();
        writeOptions.close();
        options.close();
        cache.close();
    }
}
