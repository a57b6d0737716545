import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a round of group commit costs on this disk where so many files were written to: an fsync of each file with so many
 * threads, or one fsync of a journal that has the same bytes once more. Arguments: a directory, and the numbers of files.
 */
public final class Fsyncs {
    private static final int BATCH_BYTES = 300;
    private static final long RUN_NS = 3_000_000_000L;

    private interface Round {
        void run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        for (int i = 1; i < arguments.length; i++) {
            int count = Integer.parseInt(arguments[i]);
            List<FileChannel> files = new ArrayList<>();
            for (int file = 0; file < count; file++) {
                files.add(open(directory.resolve("file-" + file)));
            }
            for (int threads : new int[] {1, 4, 16, 64, 128}) {
                try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
                    measure(count, threads + " threads", () -> forceEach(files, pool));
                }
            }
            try (FileChannel journal = open(directory.resolve("journal"))) {
                measure(count, "journal", () -> forceJournal(files, journal));
            }
            for (FileChannel file : files) {
                file.close();
            }
        }
    }

    private static FileChannel open(Path path) throws IOException {
        return FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    }

    private static void append(List<FileChannel> files) throws IOException {
        for (FileChannel file : files) {
            file.write(ByteBuffer.allocate(BATCH_BYTES));
        }
    }

    private static void forceEach(List<FileChannel> files, ExecutorService pool) throws Exception {
        append(files);
        List<Future<?>> forced = new ArrayList<>();
        for (FileChannel file : files) {
            forced.add(pool.submit(() -> {
                file.force(false);
                return null;
            }));
        }
        for (Future<?> one : forced) {
            one.get();
        }
    }

    private static void forceJournal(List<FileChannel> files, FileChannel journal) throws IOException {
        append(files);
        journal.write(ByteBuffer.allocate(BATCH_BYTES * files.size()));
        journal.force(false);
    }

    private static void measure(int files, String how, Round round) throws Exception {
        long start = System.nanoTime();
        int rounds = 0;
        while (System.nanoTime() - start < RUN_NS) {
            round.run();
            rounds++;
        }
        System.out.printf(
                Locale.ROOT, "%d files, %s: %.1f ms%n", files, how, (System.nanoTime() - start) / 1e6 / rounds);
    }
}
