package io.lograft.model;

/** One entry of a leader-epoch history: the first offset that was written under the epoch. */
public record EpochStart(int epoch, long startOffset) {}
