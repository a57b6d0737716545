package io.lograft.broker.api.leadership;

import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * When the brokers got into the state that they are in, as far as it happened while this broker watched. As many entries
 * as there are brokers. Fed by one thread, read by any.
 */
public final class FencingHistory {
    private final Map<BrokerId, Long> sinceMs = new ConcurrentHashMap<>();

    /** The metadata changed. */
    public void changed(ClusterImage before, ClusterImage now, long wallMs) {
        if (before.index() == 0 || before.brokers().equals(now.brokers())) {
            // The first image tells a state, but not since when.
            return;
        }
        for (BrokerImage broker : now.brokers().values()) {
            boolean isSame = before.broker(broker.id())
                    .filter(known -> known.epoch() == broker.epoch()
                            && known.fenced() == broker.fenced()
                            && known.draining() == broker.draining())
                    .isPresent();
            if (!isSame) {
                sinceMs.put(broker.id(), wallMs);
            }
        }
    }

    /** Empty where the state began before this broker watched. */
    OptionalLong sinceMs(BrokerId broker) {
        Long since = sinceMs.get(broker);
        return since == null ? OptionalLong.empty() : OptionalLong.of(since);
    }
}
