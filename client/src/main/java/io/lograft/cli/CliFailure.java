package io.lograft.cli;

/** A command cannot go on; becomes the one line {@code error: CODE: message} and exit status 1, of wrong usage 2. */
public final class CliFailure extends RuntimeException {
    /** Code of a command line that makes no sense. */
    public static final String USAGE = "USAGE";

    private static final long serialVersionUID = 1L;

    private final String code;

    /**
     * Makes a failure.
     *
     * @param code one word in capitals; an {@code ErrorCode}'s name where one fits
     * @param message what and why, with the values that matter
     */
    public CliFailure(String code, String message) {
        super(message);
        this.code = code;
    }

    public String code() {
        return code;
    }
}
