package io.lograft.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Reads lines as bytes, so that nothing is changed on the way. A line ends with LF or CR LF, or with the input. */
final class LineReader {
    static final int LINE_BYTES_MAX = 8 << 20;

    private final InputStream in;
    private byte[] buffer = new byte[64 << 10];
    private int start;
    private int end;

    LineReader(InputStream in) {
        this.in = in;
    }

    /** The next line without its end, or null at the end of the input. */
    byte[] next() throws IOException {
        int scanned = start;
        while (true) {
            for (int i = scanned; i < end; i++) {
                if (buffer[i] == '\n') {
                    byte[] line = line(i);
                    start = i + 1;
                    return line;
                }
            }
            scanned = end;
            int lengthBefore = start;
            makeRoom();
            scanned -= lengthBefore - start;
            int read = in.read(buffer, end, buffer.length - end);
            if (read < 0) {
                byte[] rest = start == end ? null : line(end);
                start = end;
                return rest;
            }
            end += read;
        }
    }

    /** True if another line may come without waiting for input. */
    boolean hasBuffered() {
        return start < end;
    }

    private byte[] line(int lineEnd) {
        int to = lineEnd > start && buffer[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
        return Arrays.copyOfRange(buffer, start, to);
    }

    private void makeRoom() throws IOException {
        if (start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        }
        if (end == buffer.length) {
            if (buffer.length >= LINE_BYTES_MAX) {
                throw new IOException("a line is longer than " + LINE_BYTES_MAX + " bytes");
            }
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        }
    }
}
