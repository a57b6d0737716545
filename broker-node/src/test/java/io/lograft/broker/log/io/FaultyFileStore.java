package io.lograft.broker.log.io;

import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * A disk in memory that keeps apart what is durable and what only the page cache has: bytes of files up to the last
 * force, names up to the last sync of their directory. {@link #crash} loses the rest, or part of it. Fails on request at
 * the nth operation. Knows the files that were not closed. May be called from any thread.
 *
 * <p>An operation is whatever changes or forces something: opening a file that is made or cut by it, write, truncate,
 * force, rename, delete, making and syncing of directories.
 */
public final class FaultyFileStore implements FileStore {

    /** What goes wrong at an operation. */
    public enum Fault {
        /**
         * Nothing is done, or half of a write; the disk is full for this operation only. Without effect where the
         * operation takes no room: to cut, force, rename, delete and sync a full disk lets.
         */
        DISK_FULL,
        /** Nothing is done, or half of a write. */
        IO_ERROR,
        /** The power goes, after half of the operation if it is a write, else before it: {@link PowerCut} is thrown. */
        POWER_CUT
    }

    /** What a crash leaves of changes that were not forced. */
    public enum Loss {
        /** Nothing of them: the least that the contract of {@link FileStore} allows. */
        ALL,
        /** Of each file the first few, the last of these torn; of changed names any. By the seed given. */
        SOME,
        /**
         * Nothing is lost. If the power was not gone, only the process dies: the page cache stays, and a later loss of
         * power may still take what was not forced.
         */
        NONE
    }

    /** Thrown by an operation at which the power goes, and by all after it until {@link #crash}. */
    public static final class PowerCut extends IOException {
        private static final long serialVersionUID = 1L;

        PowerCut() {
            super("the power is cut");
        }
    }

    /** A change of a file that is not forced yet, with what it takes to undo it. */
    private record Change(long position, ByteBuffer overwritten, int sizeBefore, int written) {}

    /** A change of names that is not synced yet, which is durable as a whole or not at all. Either name may be null. */
    private record NameChange(String gone, String came, Contents contents) {
        void apply(Map<String, Contents> names) {
            if (gone != null) {
                names.remove(gone);
            }
            if (came != null) {
                names.put(came, contents);
            }
        }

        /** The same change once the directory above it has another name. */
        NameChange movedBelow(String from, String to) {
            return new NameChange(moved(gone, from, to), moved(came, from, to), contents);
        }

        private static String moved(String path, String from, String to) {
            return path != null && path.startsWith(from + "/") ? to + path.substring(from.length()) : path;
        }

        boolean isIn(String directory) {
            return WholeFile.parent(came != null ? came : gone).equals(directory);
        }
    }

    /** The contents of a file; names refer to it. */
    private static final class Contents {
        private byte[] bytes = new byte[64];
        private int size;
        private long modifiedMs;
        private final List<Change> unforced = new ArrayList<>();

        void write(long position, ByteBuffer source) {
            int at = Math.toIntExact(position);
            int count = source.remaining();
            if (bytes.length < at + count) {
                bytes = Arrays.copyOf(bytes, Math.max(at + count, bytes.length * 2));
            }
            int covered = Math.max(0, Math.min(size - at, count));
            ByteBuffer overwritten = ByteBuffer.wrap(Arrays.copyOfRange(bytes, at, at + covered));
            unforced.add(new Change(position, overwritten, size, count));
            if (at > size) {
                Arrays.fill(bytes, size, at, (byte) 0);
            }
            source.get(bytes, at, count);
            size = Math.max(size, at + count);
        }

        void truncate(int newSize) {
            ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOfRange(bytes, newSize, size));
            unforced.add(new Change(newSize, cut, size, 0));
            size = newSize;
        }

        void undoTo(int kept) {
            while (unforced.size() > kept) {
                Change change = unforced.removeLast();
                ByteBuffer old = change.overwritten().duplicate();
                old.get(bytes, (int) change.position(), old.remaining());
                size = change.sizeBefore();
            }
        }

        /** Keeps a part of the last change, if that was a write at the end. */
        void tearLast(Random random) {
            Change last = unforced.isEmpty() ? null : unforced.getLast();
            if (last != null && last.written() > 0 && last.overwritten().remaining() == 0) {
                size = last.sizeBefore() + random.nextInt(last.written() + 1);
            }
        }

        void forced() {
            unforced.clear();
        }
    }

    private static final Contents DIRECTORY = new Contents();
    private LongSupplier clock = System::currentTimeMillis;

    private Map<String, Contents> names = new TreeMap<>();
    private Map<String, Contents> durableNames = new TreeMap<>();
    private final List<NameChange> unsyncedNames = new ArrayList<>();
    private final List<OpenFile> open = new ArrayList<>();
    private final Map<String, Object> locks = new HashMap<>();
    private long operations;
    private long faultAt = -1;
    private Fault fault;
    private boolean isPowerless;
    private long capacityBytes = Long.MAX_VALUE;

    /** How many operations there were. */
    public synchronized long operations() {
        return operations;
    }

    /** Lets the nth operation from now fail, counted from 1; later ones work again, unless the power is gone. */
    public synchronized void failAt(long operationsFromNow, Fault kind) {
        faultAt = operations + operationsFromNow;
        fault = kind;
    }

    /** Nothing fails any more that was ordered by {@link #failAt}. */
    public synchronized void clearFault() {
        faultAt = -1;
    }

    /** Files together may have so many bytes; a write beyond it finds the disk full. */
    public synchronized void capacityBytes(long bytes) {
        capacityBytes = bytes;
    }

    /** The machine dies and starts anew: open files and locks are gone, and so is what the loss takes. */
    public synchronized void crash(Loss loss, long seed) {
        Random random = new Random(seed);
        open.forEach(file -> file.isOpen = false);
        open.clear();
        locks.clear();
        boolean isProcessOnly = loss == Loss.NONE && !isPowerless;
        isPowerless = false;
        faultAt = -1;
        if (isProcessOnly) {
            return;
        }
        if (loss != Loss.NONE) {
            names = loss == Loss.ALL ? new TreeMap<>(durableNames) : someNames(random);
            Map<String, Contents> left = names;
            names.keySet().removeIf(path -> !hasParents(left, path));
            for (Contents contents : names.values()) {
                boolean isPartial = loss == Loss.SOME;
                if (contents == DIRECTORY) {
                    continue;
                }
                contents.undoTo(isPartial ? random.nextInt(contents.unforced.size() + 1) : 0);
                if (isPartial) {
                    contents.tearLast(random);
                }
            }
        }
        durableNames = new TreeMap<>(names);
        unsyncedNames.clear();
        names.values().stream().filter(contents -> contents != DIRECTORY).forEach(Contents::forced);
    }

    private void change(String gone, String came, Contents contents) {
        NameChange change = new NameChange(gone, came, contents);
        change.apply(names);
        unsyncedNames.add(change);
    }

    private Map<String, Contents> someNames(Random random) {
        Map<String, Contents> some = new TreeMap<>(durableNames);
        for (NameChange change : unsyncedNames) {
            if (random.nextBoolean()) {
                change.apply(some);
            }
        }
        return some;
    }

    private static boolean hasParents(Map<String, Contents> among, String path) {
        String parent = WholeFile.parent(path);
        return parent.isEmpty() || (among.get(parent) == DIRECTORY && hasParents(among, parent));
    }

    /** Changes one bit of a file, durably. */
    public synchronized void flipBit(String path, int position, int bit) throws IOException {
        Contents contents = file(path);
        contents.bytes[position] ^= (byte) (1 << bit);
    }

    /** Cuts a file, durably. */
    public synchronized void cut(String path, int size) throws IOException {
        Contents contents = file(path);
        contents.size = size;
        contents.forced();
    }

    /** Whose time files get when they are written to. */
    public synchronized void clock(LongSupplier wallMs) {
        clock = wallMs;
    }

    /** Paths of the files that are open. */
    public synchronized List<String> openFiles() {
        return open.stream().map(OpenFile::path).sorted().toList();
    }

    /** A copy of everything, as if the disk were cloned; nothing is open in it. */
    public synchronized FaultyFileStore copy() {
        FaultyFileStore copy = new FaultyFileStore();
        names.forEach((path, contents) -> {
            Contents cloned = DIRECTORY;
            if (contents != DIRECTORY) {
                cloned = new Contents();
                cloned.bytes = contents.bytes.clone();
                cloned.size = contents.size;
                cloned.modifiedMs = contents.modifiedMs;
            }
            copy.names.put(path, cloned);
        });
        copy.durableNames = new TreeMap<>(copy.names);
        copy.clock = clock;
        return copy;
    }

    @Override
    public synchronized LogFile open(String path, OpenMode mode) throws IOException {
        if (isPowerless) {
            throw new PowerCut();
        }
        requireParent(path);
        Contents contents = names.get(path);
        if (contents == DIRECTORY) {
            throw new IOException(path + " is a directory");
        }
        if (mode == OpenMode.REPLACE) {
            operate(null, contents == null);
            if (contents == null) {
                contents = new Contents();
                contents.modifiedMs = clock.getAsLong();
                change(null, path, contents);
            } else if (contents.size > 0) {
                contents.truncate(0);
            }
        }
        if (contents == null) {
            throw new FileNotFoundException(path);
        }
        OpenFile file = new OpenFile(path, contents, mode != OpenMode.READ);
        open.add(file);
        return file;
    }

    /** Counts an operation, and fails it if its turn has come; half of a write is done then. */
    private void operate(Runnable half) throws IOException {
        operate(half, half != null);
    }

    private void operate(Runnable half, boolean takesRoom) throws IOException {
        if (isPowerless) {
            throw new PowerCut();
        }
        operations++;
        if (operations != faultAt || (fault == Fault.DISK_FULL && !takesRoom)) {
            return;
        }
        if (half != null) {
            half.run();
        }
        switch (fault) {
            case DISK_FULL -> throw new DiskFullException("no space left (as ordered)", null);
            case IO_ERROR -> throw new IOException("input/output error (as ordered)");
            case POWER_CUT -> {
                isPowerless = true;
                throw new PowerCut();
            }
        }
    }

    private Contents file(String path) throws FileNotFoundException {
        Contents contents = names.get(path);
        if (contents == null || contents == DIRECTORY) {
            throw new FileNotFoundException(path);
        }
        return contents;
    }

    private void requireParent(String path) throws IOException {
        String parent = WholeFile.parent(path);
        if (!parent.isEmpty() && names.get(parent) != DIRECTORY) {
            throw new FileNotFoundException(parent);
        }
    }

    @Override
    public synchronized boolean exists(String path) {
        return path.isEmpty() || names.containsKey(path);
    }

    @Override
    public synchronized boolean isDirectory(String path) {
        return path.isEmpty() || names.get(path) == DIRECTORY;
    }

    @Override
    public synchronized long sizeBytes(String path) throws IOException {
        return file(path).size;
    }

    @Override
    public synchronized long lastModifiedMs(String path) throws IOException {
        return file(path).modifiedMs;
    }

    @Override
    public synchronized List<String> list(String directory) throws IOException {
        if (!isDirectory(directory)) {
            throw new FileNotFoundException(directory);
        }
        return names.keySet().stream()
                .filter(path -> WholeFile.parent(path).equals(directory))
                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                .sorted()
                .toList();
    }

    @Override
    public synchronized void createDirectory(String path) throws IOException {
        requireParent(path);
        if (names.containsKey(path) && !isDirectory(path)) {
            throw new IOException(path + " is a file");
        }
        operate(null, true);
        if (!names.containsKey(path)) {
            change(null, path, DIRECTORY);
        }
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        if (!names.containsKey(from)) {
            throw new FileNotFoundException(from);
        }
        requireParent(to);
        operate(null);
        Contents moved = names.get(from);
        if (moved == DIRECTORY) {
            unsyncedNames.replaceAll(change -> change.movedBelow(from, to));
        }
        change(from, to, moved);
        if (moved == DIRECTORY) {
            // What is durable below a directory moves with it; its own name does so with the next sync.
            renameBelow(names, from, to);
            Map<String, Contents> below = new TreeMap<>(durableNames);
            below.keySet().removeIf(path -> !path.startsWith(from + "/"));
            below.forEach((path, contents) -> durableNames.put(to + path.substring(from.length()), contents));
        }
    }

    private static void renameBelow(Map<String, Contents> map, String from, String to) {
        for (String path : List.copyOf(map.keySet())) {
            if (path.startsWith(from + "/")) {
                map.put(to + path.substring(from.length()), map.remove(path));
            }
        }
    }

    @Override
    public synchronized boolean delete(String path) throws IOException {
        if (isDirectory(path) && !list(path).isEmpty()) {
            throw new IOException(path + " is not empty");
        }
        operate(null);
        if (!names.containsKey(path)) {
            return false;
        }
        change(path, null, null);
        return true;
    }

    @Override
    public synchronized void syncDirectory(String directory) throws IOException {
        if (!isDirectory(directory)) {
            throw new FileNotFoundException(directory);
        }
        operate(null);
        unsyncedNames.removeIf(change -> change.isIn(directory));
        forgetBelowGoneDirectories(directory);
        durableNames.keySet().removeIf(path -> WholeFile.parent(path).equals(directory) && !names.containsKey(path));
        names.forEach((path, contents) -> {
            if (WholeFile.parent(path).equals(directory)) {
                durableNames.put(path, contents);
            }
        });
    }

    /** What was below a directory that is renamed or deleted for good must not show up below a later one. */
    private void forgetBelowGoneDirectories(String parent) {
        for (String path : List.copyOf(durableNames.keySet())) {
            boolean isGone = durableNames.get(path) == DIRECTORY
                    && WholeFile.parent(path).equals(parent)
                    && !names.containsKey(path);
            if (isGone) {
                durableNames.keySet().removeIf(below -> below.startsWith(path + "/"));
            }
        }
    }

    @Override
    public synchronized long usableBytes() {
        return capacityBytes - usedBytes();
    }

    @Override
    public synchronized long totalBytes() {
        return capacityBytes;
    }

    private long usedBytes() {
        return names.values().stream().mapToLong(contents -> contents.size).sum();
    }

    @Override
    public synchronized Optional<Closeable> lock(String path) throws IOException {
        if (isPowerless) {
            throw new PowerCut();
        }
        Object holder = new Object();
        if (locks.putIfAbsent(path, holder) != null) {
            return Optional.empty();
        }
        return Optional.of(() -> unlock(path, holder));
    }

    private synchronized void unlock(String path, Object holder) {
        locks.remove(path, holder);
    }

    @Override
    public String toString() {
        return "disk in memory";
    }

    private final class OpenFile implements LogFile {
        private final String path;
        private final Contents contents;
        private final boolean isWritable;
        private boolean isOpen = true;

        OpenFile(String path, Contents contents, boolean isWritable) {
            this.path = path;
            this.contents = contents;
            this.isWritable = isWritable;
        }

        @Override
        public String path() {
            return path;
        }

        private void require(boolean toWrite) throws IOException {
            if (isPowerless) {
                throw new PowerCut();
            }
            if (!isOpen) {
                throw new ClosedChannelException();
            }
            if (toWrite && !isWritable) {
                throw new IOException(path + " is open to read only");
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            synchronized (FaultyFileStore.this) {
                require(false);
                int count = (int) Math.max(0, Math.min(target.remaining(), contents.size - position));
                target.put(contents.bytes, (int) Math.min(position, contents.size), count);
                return count;
            }
        }

        @Override
        public void write(long position, ByteBuffer... sources) throws IOException {
            synchronized (FaultyFileStore.this) {
                require(true);
                int count =
                        Arrays.stream(sources).mapToInt(ByteBuffer::remaining).sum();
                ByteBuffer all = ByteBuffer.allocate(count);
                for (ByteBuffer source : sources) {
                    all.put(source);
                }
                all.flip();
                operate(() -> contents.write(position, all.slice(0, count / 2)));
                if (usedBytes() + count > capacityBytes) {
                    throw new DiskFullException("no space left for " + count + " bytes", null);
                }
                contents.write(position, all);
                contents.modifiedMs = clock.getAsLong();
            }
        }

        @Override
        public void truncate(long sizeBytes) throws IOException {
            synchronized (FaultyFileStore.this) {
                require(true);
                if (sizeBytes < contents.size) {
                    operate(null);
                    contents.truncate((int) sizeBytes);
                    contents.modifiedMs = clock.getAsLong();
                }
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (FaultyFileStore.this) {
                require(false);
                operate(null);
                contents.forced();
            }
        }

        @Override
        public long sizeBytes() throws IOException {
            synchronized (FaultyFileStore.this) {
                require(false);
                return contents.size;
            }
        }

        @Override
        public void close() {
            synchronized (FaultyFileStore.this) {
                isOpen = false;
                open.remove(this);
            }
        }

        @Override
        public String toString() {
            return path;
        }
    }
}
