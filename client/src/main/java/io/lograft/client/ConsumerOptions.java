package io.lograft.client;

import io.lograft.client.assign.Assignor;
import io.lograft.client.assign.CooperativeStickyAssignor;
import io.lograft.client.assign.RangeAssignor;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How a consumer works.
 *
 * <pre>{@code
 * ConsumerOptions options = ConsumerOptions.builder()
 *         .offsetReset(OffsetReset.LATEST)
 *         .prefetchBytes(64 << 20)
 *         .build();
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param offsetReset where to start without a position, and after retention deleted the position; EARLIEST
 * @param prefetchBytes bytes of batches that may be on their way or wait to be polled; 32 MiB
 * @param partitionBytesMax greatest size of one partition's data in one answer; 1 MiB
 * @param pollRecordsMax most records that one poll returns; 2,000
 * @param verifiesChecksums checks the CRC of every batch; true
 * @param autoCommit of a group: how often what poll returned is committed in a later poll, and before partitions are
 *     given up; 5 s. Zero: never, the application commits
 * @param maxPollInterval of a group: a consumer that does not poll for so long leaves; 5 min
 * @param sessionTimeout of a group: a consumer of which the coordinator hears nothing for so long is taken for dead;
 *     zero, the default: as the broker has it
 * @param rebalanceTimeout of a group: how long giving up partitions may take; zero, the default: as the broker has it
 * @param groupInstanceId makes the consumer a static member: after a restart within the session timeout it gets the
 *     partitions that it had before. Empty, the default: a dynamic one
 * @param groupProtocol who assigns; CONSUMER, which is the coordinator
 * @param assignors of the classic protocol, the preferred first; range, then cooperative-sticky. With cooperative ones
 *     only, partitions that stay are read on while the group rebalances
 * @param assignor "uniform" or "range", how the coordinator assigns; empty, the default: as the broker has it
 * @param clientId a name for people, shown by descriptions of the group; "java"
 */
public record ConsumerOptions(
        OffsetReset offsetReset,
        long prefetchBytes,
        int partitionBytesMax,
        int pollRecordsMax,
        boolean verifiesChecksums,
        Duration autoCommit,
        Duration maxPollInterval,
        Duration sessionTimeout,
        Duration rebalanceTimeout,
        String groupInstanceId,
        GroupProtocol groupProtocol,
        List<Assignor> assignors,
        String assignor,
        String clientId) {
    private static final Duration TIME_MAX = Duration.ofDays(20);

    /** Throws IllegalArgumentException for sizes that are not positive and times that are negative. */
    public ConsumerOptions {
        Objects.requireNonNull(offsetReset, "offsetReset");
        if (prefetchBytes <= 0 || partitionBytesMax <= 0 || pollRecordsMax <= 0) {
            throw new IllegalArgumentException("prefetchBytes " + prefetchBytes + ", partitionBytesMax "
                    + partitionBytesMax + " and pollRecordsMax " + pollRecordsMax + " must be positive");
        }
        check("autoCommit", autoCommit, 0);
        check("maxPollInterval", maxPollInterval, 1);
        check("sessionTimeout", sessionTimeout, 0);
        check("rebalanceTimeout", rebalanceTimeout, 0);
        Objects.requireNonNull(groupInstanceId, "groupInstanceId");
        Objects.requireNonNull(groupProtocol, "groupProtocol");
        assignors = List.copyOf(assignors);
        if (assignors.isEmpty()) {
            throw new IllegalArgumentException("assignors must name one at least");
        }
        Objects.requireNonNull(assignor, "assignor");
        Objects.requireNonNull(clientId, "clientId");
    }

    private static void check(String name, Duration time, long millisMin) {
        if (time.compareTo(Duration.ofMillis(millisMin)) < 0 || time.compareTo(TIME_MAX) > 0) {
            throw new IllegalArgumentException(
                    name + " must be from " + millisMin + " ms to " + TIME_MAX + ", not " + time);
        }
    }

    /** From the earliest record, 32 MiB of prefetch, checksums verified. */
    public static ConsumerOptions defaults() {
        return builder().build();
    }

    /** Starts from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Gathers options, each as its component of {@link ConsumerOptions} says. Not thread-safe.
     *
     * <pre>{@code
     * ConsumerOptions options = ConsumerOptions.builder().pollRecordsMax(100).build();
     * }</pre>
     */
    public static final class Builder {
        private OffsetReset offsetReset = OffsetReset.EARLIEST;
        private long prefetchBytes = 32L << 20;
        private int partitionBytesMax = 1 << 20;
        private int pollRecordsMax = 2_000;
        private boolean verifiesChecksums = true;
        private Duration autoCommit = Duration.ofSeconds(5);
        private Duration maxPollInterval = Duration.ofMinutes(5);
        private Duration sessionTimeout = Duration.ZERO;
        private Duration rebalanceTimeout = Duration.ZERO;
        private String groupInstanceId = "";
        private GroupProtocol groupProtocol = GroupProtocol.CONSUMER;
        private List<Assignor> assignors = List.of(new RangeAssignor(), new CooperativeStickyAssignor());
        private String assignor = "";
        private String clientId = "java";

        private Builder() {}

        public Builder offsetReset(OffsetReset value) {
            offsetReset = value;
            return this;
        }

        public Builder prefetchBytes(long value) {
            prefetchBytes = value;
            return this;
        }

        public Builder partitionBytesMax(int value) {
            partitionBytesMax = value;
            return this;
        }

        public Builder pollRecordsMax(int value) {
            pollRecordsMax = value;
            return this;
        }

        public Builder verifiesChecksums(boolean value) {
            verifiesChecksums = value;
            return this;
        }

        public Builder autoCommit(Duration value) {
            autoCommit = value;
            return this;
        }

        public Builder maxPollInterval(Duration value) {
            maxPollInterval = value;
            return this;
        }

        public Builder sessionTimeout(Duration value) {
            sessionTimeout = value;
            return this;
        }

        public Builder rebalanceTimeout(Duration value) {
            rebalanceTimeout = value;
            return this;
        }

        public Builder groupInstanceId(String value) {
            groupInstanceId = value;
            return this;
        }

        public Builder groupProtocol(GroupProtocol value) {
            groupProtocol = value;
            return this;
        }

        public Builder assignors(List<Assignor> value) {
            assignors = value;
            return this;
        }

        public Builder assignor(String value) {
            assignor = value;
            return this;
        }

        public Builder clientId(String value) {
            clientId = value;
            return this;
        }

        public ConsumerOptions build() {
            return new ConsumerOptions(
                    offsetReset,
                    prefetchBytes,
                    partitionBytesMax,
                    pollRecordsMax,
                    verifiesChecksums,
                    autoCommit,
                    maxPollInterval,
                    sessionTimeout,
                    rebalanceTimeout,
                    groupInstanceId,
                    groupProtocol,
                    assignors,
                    assignor,
                    clientId);
        }
    }
}
