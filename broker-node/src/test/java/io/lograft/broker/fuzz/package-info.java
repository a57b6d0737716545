/**
 * Coverage-guided fuzzing of whatever reads bytes that others wrote. A target is a public class with a method {@code
 * fuzzerTestOneInput(byte[])}, which returns where the bytes were taken or refused in the way that the code promises, and
 * throws anything else. {@code FuzzCorpusTest} runs all of them over the corpus; {@code broker-node/fuzz/run} has Jazzer
 * look for more inputs. See {@code docs/testing.md}.
 */
package io.lograft.broker.fuzz;
