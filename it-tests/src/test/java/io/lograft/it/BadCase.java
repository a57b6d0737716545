package io.lograft.it;

import org.junit.jupiter.api.function.Executable;

/**
 * Something that a cluster must refuse and survive.
 *
 * @param name for the report
 * @param attempt does it, and checks how it is refused
 */
record BadCase(String name, Executable attempt) {}
