package io.lograft.model;

/**
 * Why something was refused or failed. The values are those of {@code ErrorCode} in {@code common.proto}, which says
 * what each means; a test holds the two against each other.
 */
public enum ErrorCode {
    NONE(0, Action.NONE),
    INTERNAL(1, Action.GIVE_UP),
    INVALID_REQUEST(2, Action.GIVE_UP),
    UNSUPPORTED_VERSION(3, Action.GIVE_UP),
    BUSY(4, Action.RETRY),
    REQUEST_TIMED_OUT(5, Action.RETRY),
    UNAVAILABLE(6, Action.RETRY),
    UNKNOWN_TOPIC(20, Action.REFRESH),
    UNKNOWN_PARTITION(21, Action.REFRESH),
    TOPIC_ALREADY_EXISTS(22, Action.GIVE_UP),
    INVALID_TOPIC_NAME(23, Action.GIVE_UP),
    INVALID_PARTITION_COUNT(24, Action.GIVE_UP),
    INVALID_REPLICATION_FACTOR(25, Action.GIVE_UP),
    INVALID_CONFIG(26, Action.GIVE_UP),
    POLICY_VIOLATION(27, Action.GIVE_UP),
    RECORD_TOO_LARGE(40, Action.GIVE_UP),
    CORRUPT_BATCH(41, Action.RETRY),
    UNSUPPORTED_COMPRESSION(42, Action.GIVE_UP),
    UNSUPPORTED_FORMAT(43, Action.GIVE_UP),
    UNKNOWN_PRODUCER(44, Action.GIVE_UP),
    PRODUCER_FENCED(45, Action.GIVE_UP),
    OUT_OF_ORDER_SEQUENCE(46, Action.GIVE_UP),
    DUPLICATE_SEQUENCE(47, Action.GIVE_UP),
    NOT_ENOUGH_REPLICAS(48, Action.RETRY),
    NOT_ENOUGH_REPLICAS_AFTER_APPEND(49, Action.RETRY),
    OUTCOME_UNKNOWN(50, Action.RETRY),
    DISK_FULL(51, Action.RETRY),
    STORAGE_ERROR(52, Action.REFRESH),
    INVALID_TIMESTAMP(53, Action.GIVE_UP),
    OFFSET_OUT_OF_RANGE(60, Action.GIVE_UP),
    OFFSET_NOT_AVAILABLE(61, Action.RETRY),
    NOT_LEADER(62, Action.REFRESH),
    FENCED_LEADER_EPOCH(63, Action.REFRESH),
    UNKNOWN_LEADER_EPOCH(64, Action.RETRY),
    LEADER_NOT_AVAILABLE(65, Action.RETRY),
    LOG_TRUNCATED(66, Action.GIVE_UP),
    NOT_CONTROLLER(80, Action.REFRESH),
    CONTROLLER_UNAVAILABLE(81, Action.RETRY),
    STALE_BROKER_EPOCH(82, Action.GIVE_UP),
    STALE_PARTITION_EPOCH(83, Action.REFRESH),
    DUPLICATE_BROKER_ID(84, Action.GIVE_UP),
    CLUSTER_ID_MISMATCH(85, Action.GIVE_UP),
    UNKNOWN_BROKER(86, Action.REFRESH),
    INELIGIBLE_REPLICA(87, Action.RETRY),
    BROKER_FENCED(88, Action.RETRY),
    ELECTION_NOT_NEEDED(89, Action.GIVE_UP),
    NO_ELIGIBLE_LEADER(90, Action.RETRY),
    UNSAFE_CHANGE(91, Action.GIVE_UP),
    NO_REASSIGNMENT(92, Action.GIVE_UP),
    ALREADY_A_VOTER(95, Action.GIVE_UP),
    UNKNOWN_VOTER(96, Action.GIVE_UP),
    MAJORITY_WOULD_BE_LOST(97, Action.GIVE_UP),
    VOTER_NOT_CAUGHT_UP(98, Action.GIVE_UP),
    VOTER_CHANGE_IN_PROGRESS(99, Action.GIVE_UP),
    NOT_COORDINATOR(100, Action.REFRESH),
    COORDINATOR_NOT_AVAILABLE(101, Action.RETRY),
    ILLEGAL_GENERATION(102, Action.GIVE_UP),
    UNKNOWN_MEMBER(103, Action.GIVE_UP),
    REBALANCE_IN_PROGRESS(104, Action.RETRY),
    INCONSISTENT_GROUP_PROTOCOL(105, Action.GIVE_UP),
    INVALID_SESSION_TIMEOUT(106, Action.GIVE_UP),
    FENCED_INSTANCE_ID(107, Action.GIVE_UP),
    GROUP_NOT_EMPTY(108, Action.GIVE_UP),
    UNKNOWN_GROUP(109, Action.GIVE_UP),
    INVALID_GROUP_ID(110, Action.GIVE_UP);

    /** What the one who gets the code does about it. */
    public enum Action {
        /** Nothing went wrong. */
        NONE,
        /** The same request may succeed later. */
        RETRY,
        /** Learn the newest metadata, then send the request again. */
        REFRESH,
        /** Sending it again cannot help. */
        GIVE_UP
    }

    private final int number;
    private final Action action;

    ErrorCode(int number, Action action) {
        this.number = number;
        this.action = action;
    }

    /** The value's number in the .proto file. */
    public int number() {
        return number;
    }

    public Action action() {
        return action;
    }

    /** True where a client may send the request again, at once or after a refresh of its metadata. */
    public boolean isRetriable() {
        return action == Action.RETRY || action == Action.REFRESH;
    }
}
