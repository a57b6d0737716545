package io.lograft.client;

import java.util.Optional;

/**
 * What became of the election of one partition's leader.
 *
 * <pre>{@code
 * for (LeaderElection election : admin.electLeaders("orders", List.of(), LeaderElection.Type.PREFERRED)) {
 *     System.out.println(election.partition() + " is led by " + election.leader());
 * }
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param leader id of the broker that leads now, -1 for nobody
 * @param refusal why the election was not held; empty where it was
 */
public record LeaderElection(int partition, int leader, int leaderEpoch, Optional<LograftException> refusal) {

    /**
     * What an election is to bring about.
     *
     * <pre>{@code
     * admin.electLeaders("orders", List.of(3), LeaderElection.Type.UNCLEAN);
     * }</pre>
     */
    public enum Type {
        /** The first replica in assignment leads, where it is live and in sync. Nothing is lost. */
        PREFERRED,
        /**
         * A partition without a leader gets one from whatever replicas live. Committed records may be lost for ever: only
         * for the case that the replicas that have them do not come back.
         */
        UNCLEAN
    }

    /** True where the election was held. */
    public boolean isHeld() {
        return refusal.isEmpty();
    }
}
