package io.lograft.broker.group.classic;

/** Where a classic group stands; the words are those of the wire. */
enum ClassicState {
    /** No members. */
    EMPTY("Empty"),
    /** Waits for its members to join. */
    PREPARING("PreparingRebalance"),
    /** Waits for the leader to assign. */
    COMPLETING("CompletingRebalance"),
    /** Every member has its assignment, or has only to ask for it. */
    STABLE("Stable");

    private final String word;

    ClassicState(String word) {
        this.word = word;
    }

    @Override
    public String toString() {
        return word;
    }
}
