package io.lograft.broker.concurrent;

import java.util.Optional;
import java.util.function.Supplier;

/** A value that is made when it is first asked for. Safe for use by several threads; the others wait for the first. */
public final class Lazy<T> {
    private final Supplier<T> maker;
    private T made;

    public Lazy(Supplier<T> maker) {
        this.maker = maker;
    }

    /** The value; made now, if it was not. */
    public synchronized T value() {
        if (made == null) {
            made = maker.get();
        }
        return made;
    }

    /** The value if it was made. */
    public synchronized Optional<T> ifMade() {
        return Optional.ofNullable(made);
    }
}
