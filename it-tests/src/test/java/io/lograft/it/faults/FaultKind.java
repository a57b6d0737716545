package io.lograft.it.faults;

/** What can happen to a cluster under load, and be taken back. {@link Faults} does both. */
enum FaultKind {
    KILL("kill -9 of a broker", false),
    KILL_CONTROLLER("kill -9 of the controller", false),
    KILL_ALL("kill -9 of all brokers at once", false),
    RESTART_LOOP("a broker killed three times while it starts", false),
    STOP("orderly stop and start of a broker", false),
    PAUSE_LEADER("a leader stands still (SIGSTOP) beyond its session, then goes on", false),
    PAUSE_CONTROLLER("the controller stands still (SIGSTOP) beyond its session, then goes on", false),
    BLINK("a broker stands still for less than its session", false),
    UNPLUG("a leader's host without network", true),
    MINORITY("a leader cut from all other brokers, not from clients", true),
    DEAF("a leader hears nothing of the other brokers, they hear it", true),
    MUTE("a leader is not heard by the other brokers, it hears them", true),
    NO_FOLLOWERS("a leader cut from its followers, not from the controller", true),
    NO_CONTROLLER("a leader cut from the controller, not from its followers", true),
    CONTROLLER_CUT("the controller cut from all other brokers", true),
    RESET("all connections between two brokers are reset", true),
    LOSS("20 % of the packets that arrive at a broker are lost", true),
    SLOW("a broker's link is slow", true);

    private final String text;
    private final boolean needsHosts;

    FaultKind(String text, boolean needsHosts) {
        this.text = text;
        this.needsHosts = needsHosts;
    }

    /** In words. */
    String text() {
        return text;
    }

    /** True where brokers must run on hosts of their own. */
    boolean needsHosts() {
        return needsHosts;
    }
}
