package io.lograft.broker.log.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The open channel of a file, with a count of those who use it at this moment. Once it is retired nobody else gets to use
 * it; the file opens another. Safe for use by several threads.
 */
final class FileHandle {
    private static final int RETIRED = Integer.MIN_VALUE / 2;

    private final NioLogFile file;
    private final FileChannel channel;
    private final AtomicInteger users = new AtomicInteger(1);
    /** Whether it was used since {@link OpenFiles} looked at it last; a stale value only makes a worse choice. */
    private boolean isRecent;

    /** A handle with one user: who opened it. */
    FileHandle(NioLogFile file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    NioLogFile file() {
        return file;
    }

    FileChannel channel() {
        return channel;
    }

    /** Counts one more user; false if it is retired. */
    boolean retain() {
        int count = users.get();
        while (count >= 0) {
            if (users.compareAndSet(count, count + 1)) {
                isRecent = true;
                return true;
            }
            count = users.get();
        }
        return false;
    }

    void release() {
        users.decrementAndGet();
    }

    /** Whether it was used since the last time that this was asked. */
    boolean takeRecent() {
        boolean was = isRecent;
        isRecent = false;
        return was;
    }

    /** Retires it if nobody uses it now; false if somebody does, or it is retired already. */
    boolean retireIfIdle() {
        return users.compareAndSet(0, RETIRED);
    }

    /** Retires it, used or not: who still uses it will find the channel closed. False if it is retired already. */
    boolean retire() {
        return users.getAndSet(RETIRED) >= 0;
    }

    void close() throws IOException {
        channel.close();
    }
}
