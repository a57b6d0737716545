package io.lograft.broker.log;

import java.io.IOException;

/**
 * A file holds something else than what was written and flushed, so that the replica is lost and has to be refilled from
 * its peers.
 */
public final class CorruptLogException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long position;
    private final long offset;

    /**
     * Makes one.
     *
     * @param file path of the file in its log directory
     * @param position byte in the file where the damage begins
     * @param offset first offset that cannot be read
     * @param reason what is wrong there
     */
    public CorruptLogException(String file, long position, long offset, String reason) {
        super(file + " is damaged at position " + position + ", offset " + offset + ": " + reason);
        this.file = file;
        this.position = position;
        this.offset = offset;
    }

    public String file() {
        return file;
    }

    public long position() {
        return position;
    }

    public long offset() {
        return offset;
    }
}
