package io.lograft.cli.perf;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the values of a run come from. For one thread. */
sealed interface RecordSource extends AutoCloseable {

    /** The next value, or null after the last. It holds until the next call. */
    byte[] next() throws IOException;

    @Override
    default void close() throws IOException {
        // Most sources hold nothing.
    }

    /** Values of one size that prove themselves, without end. */
    final class FixedSize implements RecordSource {
        private final PerfPayload payload = new PerfPayload();
        private final int runId;
        private final byte[] value;
        private long sequence;

        FixedSize(int runId, int sizeBytes) {
            this.runId = runId;
            this.value = new byte[sizeBytes];
        }

        @Override
        public byte[] next() {
            payload.write(runId, sequence++, value);
            return value;
        }
    }

    /** Lines of a file without their ends; from the start again after the last one, where they are to be repeated. */
    final class FileLines implements RecordSource {
        private final Path file;
        private final boolean isRepeated;
        private BufferedReader reader;

        FileLines(Path file, boolean isRepeated) throws IOException {
            this.file = file;
            this.isRepeated = isRepeated;
            this.reader = open();
        }

        // This charset maps every byte to a character and back, so that lines stay what they are.
        private BufferedReader open() throws IOException {
            return Files.newBufferedReader(file, StandardCharsets.ISO_8859_1);
        }

        @Override
        public byte[] next() throws IOException {
            String line = reader.readLine();
            if (line == null && isRepeated) {
                reader.close();
                reader = open();
                line = reader.readLine();
            }
            return line == null ? null : line.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
