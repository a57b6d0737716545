package io.lograft.model;

/** The stable number of a broker, chosen by the operator ({@code broker.id}); not negative. */
public record BrokerId(int value) implements Comparable<BrokerId> {
    public BrokerId {
        if (value < 0) {
            throw new IllegalArgumentException("broker id " + value + " is negative");
        }
    }

    @Override
    public int compareTo(BrokerId other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
