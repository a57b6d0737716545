package io.lograft.cli;

/** How a command prints its result. */
public enum OutputFormat {
    /** Aligned columns for a person. */
    TABLE,
    /** One JSON document with stable field names; for streams one per line. */
    JSON
}
