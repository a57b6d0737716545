package io.lograft.metadata.command;

import java.util.Comparator;
import java.util.UUID;

/** The random 128-bit identity of a log directory, written into the directory when it is first used. */
public record DirectoryId(UUID value) implements Comparable<DirectoryId> {
    /** Stands for "no directory was chosen yet"; such a replica is wherever its broker puts it. */
    public static final DirectoryId UNASSIGNED = new DirectoryId(new UUID(0, 0));

    private static final Comparator<UUID> UNSIGNED = Comparator.<UUID, Long>comparing(
                    UUID::getMostSignificantBits, Long::compareUnsigned)
            .thenComparing(UUID::getLeastSignificantBits, Long::compareUnsigned);

    /** Reads what {@link #toString} wrote; throws IllegalArgumentException for anything else. */
    public static DirectoryId parse(String text) {
        return new DirectoryId(UUID.fromString(text));
    }

    public boolean isAssigned() {
        return !equals(UNASSIGNED);
    }

    @Override
    public int compareTo(DirectoryId other) {
        return UNSIGNED.compare(value, other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
