package io.lograft.client.transport;

import io.lograft.client.core.Failure;
import io.lograft.model.ErrorCode;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The bounded memory for records that wait to be acknowledged. For all threads. */
final class BufferMemory {
    private final long totalBytes;
    private final AtomicLong freeBytes;
    private final AtomicInteger waiting = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();

    BufferMemory(long totalBytes) {
        this.totalBytes = totalBytes;
        this.freeBytes = new AtomicLong(totalBytes);
    }

    /** Takes the bytes if they are free. Never blocks. */
    boolean tryReserve(int bytes) {
        long free = freeBytes.get();
        while (free >= bytes) {
            if (freeBytes.compareAndSet(free, free - bytes)) {
                return true;
            }
            free = freeBytes.get();
        }
        return false;
    }

    void release(int bytes) {
        freeBytes.addAndGet(bytes);
        if (waiting.get() > 0) {
            lock.lock();
            try {
                freed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Waits until that much is free, without taking it; answers a failure if that takes longer than allowed. */
    Failure await(int bytes, long timeoutMs) {
        if (bytes > totalBytes) {
            return new Failure(
                    ErrorCode.RECORD_TOO_LARGE,
                    "a record of up to " + bytes + " bytes is above the buffer memory of " + totalBytes);
        }
        waiting.incrementAndGet();
        lock.lock();
        try {
            long leftNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
            while (freeBytes.get() < bytes) {
                if (leftNs <= 0) {
                    return new Failure(
                            ErrorCode.BUSY,
                            "the producer's buffer of " + totalBytes + " bytes was full for " + timeoutMs + " ms");
                }
                leftNs = freed.awaitNanos(leftNs);
            }
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Failure(ErrorCode.BUSY, "interrupted while waiting for buffer memory");
        } finally {
            lock.unlock();
            waiting.decrementAndGet();
        }
    }
}
