package io.lograft.broker.metrics;

/** The names of our metrics, as in the text format of Prometheus; the unit is the last word. */
public final class MetricNames {
    public static final String PRODUCED_RECORDS = "lograft_produced_records";
    public static final String PRODUCED_BYTES = "lograft_produced_bytes";
    public static final String PRODUCE_REFUSED = "lograft_produce_refused_batches";
    public static final String REPLICATED_BYTES = "lograft_replicated_bytes";
    public static final String FETCHED_BYTES = "lograft_fetched_bytes";
    public static final String DELETED_SEGMENTS = "lograft_log_deleted_segments";
    public static final String DELETED_BYTES = "lograft_log_deleted_bytes";
    public static final String LOG_BYTES = "lograft_log_size_bytes";
    public static final String IS_CLOCK_SOUND = "lograft_is_clock_sound";
    public static final String APPEND_TIME = "lograft_append_seconds";
    public static final String FLUSH_TIME = "lograft_flush_seconds";
    public static final String COMMIT_TIME = "lograft_commit_seconds";
    public static final String UNDER_REPLICATED = "lograft_under_replicated_partitions";
    public static final String OFFLINE = "lograft_offline_partitions";
    public static final String OFFLINE_DIRECTORIES = "lograft_offline_log_directories";
    public static final String FULL_DIRECTORIES = "lograft_full_log_directories";
    public static final String LEADERS = "lograft_leader_partitions";
    public static final String REPLICAS = "lograft_replica_partitions";
    public static final String METADATA_INDEX = "lograft_metadata_index";
    public static final String IS_CONTROLLER = "lograft_is_controller";
    public static final String IS_FENCED = "lograft_is_fenced";

    public static final String UNCLEAN_ELECTIONS = "lograft_unclean_leader_elections";
    public static final String UNCLEAN = "lograft_unclean_partitions";
    public static final String STALLED_VOTERS = "lograft_stalled_voters";
    public static final String IS_WITHOUT_ITS_VOTE = "lograft_is_without_its_vote";

    public static final String COMPACTION_DIRTY_RATIO = "lograft_compaction_dirty_ratio";
    public static final String COMPACTION_LAG = "lograft_compaction_lag_seconds";
    public static final String COMPACTION_SET_ASIDE = "lograft_compaction_set_aside_partitions";
    public static final String COMPACTION_LAST_RUN = "lograft_compaction_last_run_seconds";
    public static final String COMPACTION_RUNS = "lograft_compaction_runs";
    public static final String COMPACTION_FAILURES = "lograft_compaction_failures";
    public static final String COMPACTION_BYTES_READ = "lograft_compaction_read_bytes";
    public static final String COMPACTION_BYTES_WRITTEN = "lograft_compaction_written_bytes";
    public static final String COMPACTION_RECORDS_READ = "lograft_compaction_read_records";
    public static final String COMPACTION_RECORDS_KEPT = "lograft_compaction_kept_records";

    private MetricNames() {}
}
