package io.lograft.broker.group;

/** Who assigns. */
public enum GroupKind {
    /** One of the members. */
    CLASSIC("classic"),
    /** The coordinator. */
    CONSUMER("consumer");

    private final String word;

    GroupKind(String word) {
        this.word = word;
    }

    /** As on the wire. */
    @Override
    public String toString() {
        return word;
    }
}
