package io.lograft.record.codec;

import java.io.IOException;

/** Compressed bytes expand to more than a bound, or need more memory than that to be read at all. */
public final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    /** Says what asks for more than what is allowed. */
    public TooLargeException(String message) {
        super(message);
    }

    /** For bytes that expand to more than so many. */
    static TooLargeException above(int bytesMax) {
        return new TooLargeException("expands to more than the bound of " + bytesMax + " bytes");
    }
}
