package io.lograft.broker.cluster;

import io.lograft.metadata.command.LostReplica;
import java.util.List;

/** That a broker wants to be unfenced, from now on and each time that it is fenced. Owned by: metadata loop. */
final class UnfenceWish {
    private List<LostReplica> lost;
    private boolean isSent;

    UnfenceWish(List<LostReplica> lost) {
        this.lost = List.copyOf(lost);
    }

    /** The replicas that the broker cannot vouch for. */
    List<LostReplica> lost() {
        return lost;
    }

    /** True where it is to be sent now: no request is under way. */
    boolean send() {
        boolean isDue = !isSent;
        isSent = true;
        return isDue;
    }

    /** The request got lost or was refused; it is to be sent again. */
    void lostOnTheWay() {
        isSent = false;
    }

    /** What was lost has been told; when fenced again, the process that goes on has lost nothing more. */
    void fulfilled() {
        lost = List.of();
        isSent = false;
    }
}
