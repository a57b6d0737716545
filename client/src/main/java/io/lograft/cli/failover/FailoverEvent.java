package io.lograft.cli.failover;

import java.util.Locale;

/** What is done to the cluster. */
enum FailoverEvent {
    /** SIGKILL to a broker that leads partitions and is not the controller. */
    KILL_LEADER,
    /** SIGKILL to the controller, which leads partitions, too. */
    KILL_CONTROLLER,
    /** SIGSTOP to a broker that leads partitions and is not the controller: it is silent, its connections stay. */
    PAUSE_LEADER,
    /** SIGTERM to a broker that leads partitions and is not the controller: an orderly stop. */
    STOP_LEADER,
    /** SIGTERM to the controller, which leads partitions, too. */
    STOP_CONTROLLER,
    /** An orderly stop and a start of every broker, one after the other, the controller last. */
    ROLLING_RESTART,
    /** The commands of {@code --run} and {@code --heal}. */
    COMMAND;

    /** As it is written on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static FailoverEvent parse(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
}
