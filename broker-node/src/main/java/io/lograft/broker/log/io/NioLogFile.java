package io.lograft.broker.log.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** A file on the real disk. */
final class NioLogFile implements LogFile {
    private final String path;
    private final FileChannel channel;

    NioLogFile(String path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        int total = 0;
        while (target.hasRemaining()) {
            int count = channel.read(target, position + total);
            if (count < 0) {
                break;
            }
            total += count;
        }
        return total;
    }

    @Override
    public void write(long position, ByteBuffer... sources) throws IOException {
        try {
            if (sources.length == 1) {
                writeOne(position, sources[0]);
            } else {
                gather(position, sources);
            }
        } catch (IOException e) {
            throw NioFileStore.named(e);
        }
    }

    private void writeOne(long position, ByteBuffer source) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }

    private void gather(long position, ByteBuffer[] sources) throws IOException {
        long remaining = 0;
        for (ByteBuffer source : sources) {
            remaining += source.remaining();
        }
        channel.position(position);
        while (remaining > 0) {
            remaining -= channel.write(sources);
        }
    }

    @Override
    public void truncate(long sizeBytes) throws IOException {
        if (channel.size() > sizeBytes) {
            channel.truncate(sizeBytes);
        }
    }

    @Override
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public long sizeBytes() throws IOException {
        return channel.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return path;
    }
}
