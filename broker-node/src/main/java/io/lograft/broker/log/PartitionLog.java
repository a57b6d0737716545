package io.lograft.broker.log;

import io.lograft.broker.log.compact.CompactionCheckpoint;
import io.lograft.broker.log.compact.CompactionPolicy;
import io.lograft.broker.log.config.LogConfig;
import io.lograft.broker.log.io.Deletion;
import io.lograft.broker.log.retention.RetainedSegment;
import io.lograft.broker.log.state.BatchFrames;
import io.lograft.broker.log.state.EpochHistory;
import io.lograft.broker.log.state.OffsetAndTime;
import io.lograft.broker.log.state.ProducerStates;
import io.lograft.broker.log.state.SegmentInfo;
import io.lograft.broker.log.state.SequenceCheck;
import io.lograft.model.EpochStart;
import io.lograft.model.ErrorCode;
import io.lograft.model.FlushMode;
import io.lograft.model.TopicId;
import io.lograft.model.TopicPartition;
import io.lograft.record.BatchHeader;
import io.lograft.record.RecordBatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The log of one partition replica. Owned by the partition's loop: whatever changes it runs there. What is marked "any
 * thread" reads from an immutable view; reading threads must not be interrupted, which would close the file. An
 * {@link IOException} other than a full disk means that the log directory has failed.
 */
public final class PartitionLog {
    private final TopicPartition name;
    private final PartitionFiles files;
    private LogConfig config;
    private final TopicId topicId;
    private final List<Segment> segments;
    private final LogStart start;
    private final FlushLedger ledger;
    private final Compaction.Ledger compactions;
    private final Tail tail;
    private final List<Deletion> discarded = new ArrayList<>();
    private LogView.Sealed sealed;
    private ProducerStates producers;
    private EpochHistory epochs;
    private FlushMode flushMode;
    private long truncations;
    private volatile LogView view;

    PartitionLog(TopicPartition name, PartitionFiles files, LogConfig config, LogRecovery.Opened opened)
            throws IOException {
        this.name = name;
        this.files = files;
        this.config = config;
        this.topicId = opened.metadata().topicId();
        this.flushMode = opened.metadata().flushMode();
        this.segments = new ArrayList<>(opened.segments());
        this.start = new LogStart(files, opened);
        this.epochs = opened.epochs();
        this.producers = opened.producers();
        this.tail = new Tail(config.tail());
        this.ledger = new FlushLedger(files, active().nextOffset(), opened.writtenEpochs());
        this.compactions = new Compaction.Ledger(files, active().nextOffset());
        sealed = LogView.Sealed.of(segments);
        publish();
    }

    /** Any thread. */
    public TopicPartition name() {
        return name;
    }

    /** Other settings, from the next append on; the memory for the tail stays as it is. */
    public void reconfigure(LogConfig newer) {
        config = newer;
    }

    /** Any thread. */
    public TopicId topicId() {
        return topicId;
    }

    /**
     * Appends one batch, validated and with its sequence checked. Sets its base offset, leader epoch and, where the log
     * stamps, its time in place. Takes the buffer over: readers get its bytes. If the disk is full the log is as it was.
     */
    public AppendResult.Appended appendAsLeader(ByteBuffer batch, int leaderEpoch, long nowMs) throws IOException {
        int at = batch.position();
        int size = batch.remaining();
        int lastOffsetDelta = batch.getInt(at + BatchHeader.LAST_OFFSET_DELTA_POSITION);
        Check.that(
                batch.getInt(at + BatchHeader.LENGTH_POSITION) == size - BatchHeader.LOG_OVERHEAD_BYTES,
                "the buffer does not hold exactly one batch");
        Check.atMost(epochs.lastEpoch(), leaderEpoch, "the leader epoch falls");
        long base = active().nextOffset();
        makeRoomFor(size, base + lastOffsetDelta, nowMs);
        RecordBatch.at(batch, at).assign(base, leaderEpoch);
        if (config.timestamps() == LogConfig.Timestamps.LOG_APPEND_TIME) {
            RecordBatch.at(batch, at).assignLogAppendTime(nowMs);
        }
        BatchHeader header = BatchHeader.read(batch, at);
        active().write(batch.duplicate(), nowMs);
        note(header, nowMs);
        tail.append(new Tail.Entry(base, header.nextOffset(), batch.slice(), nowMs));
        publish();
        return new AppendResult.Appended(base, header.lastOffset(), header.maxTimestampMs(), size);
    }

    /**
     * Appends one or more whole batches as the leader sent them, with offsets and epochs in place. Refuses all of them
     * unless they continue the log without a gap and their checksums hold. Takes the buffer over, as above. If the disk is
     * full the first of them may have been appended.
     */
    public AppendResult appendAsFollower(ByteBuffer batches, long nowMs) throws IOException {
        List<BatchHeader> headers = new ArrayList<>();
        String damage = BatchFrames.readAll(batches, active().nextOffset(), epochs.lastEpoch(), headers);
        if (damage != null && LogStart.isWithinFirst(this, batches)) {
            return start.appendAround(this, batches, config.indexIntervalBytes(), nowMs);
        }
        if (damage != null) {
            return new AppendResult.Refused(ErrorCode.CORRUPT_BATCH, name + ": " + damage);
        }
        int at = batches.position();
        for (List<BatchHeader> left = headers; !left.isEmpty(); ) {
            makeRoomFor(left.getFirst().sizeBytes(), left.getFirst().lastOffset(), nowMs);
            int room = config.segmentBytes() - active().sizeBytes();
            List<BatchHeader> run = BatchFrames.firstThatFit(left, room, active().baseOffset());
            int size = BatchFrames.sizeBytes(run);
            active().write(batches.slice(at, size), nowMs);
            run.forEach(header -> note(header, nowMs));
            tail.append(Tail.Entry.of(run, batches.slice(at, size), nowMs));
            publish();
            at += size;
            left = left.subList(run.size(), left.size());
        }
        return AppendResult.Appended.of(headers, batches.remaining());
    }

    /** A segment with the batch in which the log starts takes the place of the only one, which is empty. */
    void startWithin(Segment first, EpochHistory firstEpoch, BatchHeader batch, long nowMs) throws IOException {
        segments.set(0, first).close();
        epochs = firstEpoch;
        producers.appended(batch, nowMs);
        publish();
    }

    private void makeRoomFor(int size, long lastOffset, long nowMs) throws IOException {
        Segment active = active();
        active.cutRemainsOfFailure();
        active.spillIndexes();
        if (!active.hasRoomFor(size, lastOffset, config.segmentBytes())
                || active.isOlderThan(config.rollAgeMs(), nowMs)) {
            roll();
        }
        ledger.grows(active(), producers, epochs.lastEpoch());
    }

    private void roll() throws IOException {
        Segment full = active();
        full.seal();
        segments.add(Segment.create(files, full.nextOffset()));
        ledger.sealed(full, producers, epochs.lastEpoch());
        sealed = LogView.Sealed.of(segments);
    }

    private void note(BatchHeader header, long nowMs) {
        active().note(header, config.indexIntervalBytes());
        epochs = epochs.appended(header.leaderEpoch(), header.baseOffset());
        producers.appended(header, nowMs);
    }

    /** What the producer states say about a batch that is about to be appended as leader. */
    public SequenceCheck checkSequence(BatchHeader header) {
        return producers.check(header);
    }

    /**
     * Any thread. Reads whole batches from the one that holds the offset, up to about {@code maxBytes} but at least one,
     * none that reaches beyond {@code endOffsetExclusive}.
     */
    public LogRead read(long offset, int maxBytes, long endOffsetExclusive) throws IOException {
        return LogReader.consistently(() -> view, v -> LogReader.read(v, offset, maxBytes, endOffsetExclusive));
    }

    /** Any thread. The first record below the end given with this timestamp or a later one. */
    public Optional<OffsetAndTime> offsetForTime(long timestampMs, long endOffsetExclusive) throws IOException {
        return LogReader.consistently(() -> view, v -> LogTimes.find(v, timestampMs, endOffsetExclusive));
    }

    /** Any thread. The record with the greatest timestamp below the end given; the first, if several have it. */
    public Optional<OffsetAndTime> offsetOfGreatestTime(long endOffsetExclusive) throws IOException {
        return LogReader.consistently(() -> view, v -> LogTimes.findGreatest(v, endOffsetExclusive));
    }

    /** Any thread. */
    public long logStartOffset() {
        return view.logStartOffset();
    }

    /** Any thread. The offset that the next record gets. */
    public long logEndOffset() {
        return view.logEndOffset();
    }

    /** Any thread. All below it is on the disk. */
    public long flushedOffset() {
        return view.flushedOffset();
    }

    /** Any thread. Bytes in the {@code .log} files. */
    public long sizeBytes() {
        return view.sizeBytes();
    }

    /** Any thread. Ascending; only epochs that have records. */
    public List<EpochStart> epochs() {
        return view.epochs().starts();
    }

    /** Any thread. Epoch of the last record, -1 if there is none. */
    public int lastEpoch() {
        return view.epochs().lastEpoch();
    }

    /** Any thread. */
    public List<SegmentInfo> segments() {
        return view.segmentInfos();
    }

    /**
     * Drops all from this offset on (from the beginning of the batch that holds it), durably. Returns the new log end.
     * Blocks for a few fsyncs. Rounds begun before count for nothing. Does nothing from the log end on.
     */
    public long truncateTo(long offset, long nowMs) throws IOException {
        Check.atMost(start.offset(), offset, name + " is to be truncated below its start");
        if (offset >= active().nextOffset()) {
            return active().nextOffset();
        }
        int kept = segments.size() - 1;
        while (segments.get(kept).baseOffset() > offset) {
            kept--;
        }
        // What is recorded must not lie within the batch: nothing is lost that is not there.
        long end = segments.get(kept).view().endBelow(offset);
        compactions.beginTruncation(end);
        start.beginTruncation(end);
        hide(Math.min(start.offset(), end), end, kept);
        ledger.truncatedTo(end);
        deleteAfter(kept);
        active().truncateTo(end, config.indexIntervalBytes());
        ledger.forget(active());
        start.moveTo(Math.min(start.offset(), end));
        epochs = epochs.truncatedTo(end);
        producers = LogRecovery.rebuildProducers(files, segments, end, nowMs);
        sealed = LogView.Sealed.of(segments);
        publish();
        return end;
    }

    /**
     * Drops everything, durably; goes on at this offset, without tombstones below another, and with these producers. After
     * a power cut it has not begun, or is carried out to its end.
     */
    public void startOver(long offset, long tombstonesGoneBelow, List<ProducerStates.Entry> known) throws IOException {
        compactions.beginTruncation(0, tombstonesGoneBelow);
        files.beginStartOver(offset, known);
        start.beginTruncation(0);
        hide(offset, offset, 0);
        files.finishStartOver(offset, segments);
        ledger.startedOver(offset);
        start.startedOver(offset);
        epochs = EpochHistory.EMPTY;
        producers = ProducerStates.of(known);
        sealed = LogView.Sealed.of(segments);
        publish();
    }

    /** Hides from readers what is to be dropped, before its files change. */
    private void hide(long startOffset, long endOffset, int keptSegment) {
        truncations++;
        tail.clear();
        view = view.cut(truncations, startOffset, endOffset, keptSegment);
    }

    /** Deletes the segments after this one, the newest first, durably. */
    private void deleteAfter(int index) throws IOException {
        while (segments.size() > index + 1) {
            Segment dropped = segments.removeLast();
            ledger.forget(dropped);
            dropped.delete();
        }
        files.store().syncDirectory(files.directory());
    }

    /**
     * Raises the log start; segments that lie wholly below it leave the log and wait in {@link #takeDiscarded}, the one
     * that is written to with the next tick. False if the log start is there already. Beyond the log end nothing changes
     * but up to it.
     */
    public boolean advanceLogStart(long offset) throws IOException {
        long end = active().nextOffset();
        long target = Math.min(offset, end);
        if (target <= start.offset()) {
            return false;
        }
        start.moveTo(target);
        epochs = epochs.startingAt(target, end);
        dropBelowStart();
        publish();
        return true;
    }

    private boolean dropBelowStart() throws IOException {
        compactions.settle();
        boolean hasDropped = start.drop(segments, ledger, discarded);
        if (hasDropped) {
            sealed = LogView.Sealed.of(segments);
        }
        return hasDropped;
    }

    /** What is known of producers from batches that end below an offset. */
    public List<ProducerStates.Entry> producersBelow(long offset) {
        return producers.entriesBelow(offset);
    }

    /** See {@link PartitionFiles#recordLostProducers}. */
    public boolean hasLostProducers() {
        return start.hasLostProducers();
    }

    /** The segments, the oldest first and the one that is written to last. */
    public List<RetainedSegment> retained() {
        return segments.stream().map(Segment::retained).toList();
    }

    /** The log start, as far as a restart finds it again. */
    public long recordedLogStart() {
        return start.recorded();
    }

    /** How much there is to compact below the high watermark; nothing where the topic is not compacted. */
    public Optional<CompactionPolicy.Plan> compactionPlan(long highWatermark, long nowMs) {
        return compactions.plan(
                sealed.views(), Math.min(highWatermark, ledger.recoveryPoint()), config.cleanup(), nowMs);
    }

    /** Begins a compaction by a plan made in the same turn; at most one at a time. */
    public Compaction beginCompaction(CompactionPolicy.Plan plan, long nowMs, Compaction.Means means) {
        compactions.begin(truncations);
        var sources = Compaction.sources(segments, sealed.views(), plan.end());
        return new Compaction(
                new Compaction.Input(files, config, sources, plan, producers.neededBelow(plan.end()), nowMs), means);
    }

    /** Puts a compacted segment in the place of those it was made from, durably; false if one of them has left. */
    public boolean replace(Compaction.Replacement replacement, long nowMs) throws IOException {
        boolean isPlaced = compactions.place(replacement, segments, discarded, nowMs);
        sealed = LogView.Sealed.of(segments);
        publish();
        return isPlaced;
    }

    /** A compaction came to its end; what it has done is not done again. Blocks for two fsyncs. */
    public void compacted(long cleanedTo) throws IOException {
        compactions.compacted(cleanedTo, truncations);
    }

    /** How far compactions have come, and which tombstones may be gone. */
    public CompactionCheckpoint compactionCheckpoint() {
        return compactions.checkpoint();
    }

    /** Hands over what deletes the files of segments that left the log; to be run on any thread that may block. */
    public List<Deletion> takeDiscarded() {
        List<Deletion> taken = List.copyOf(discarded);
        discarded.clear();
        return taken;
    }

    /** True where something is appended that is not flushed, or a segment is closed whose indexes are not. */
    public boolean needsFlush() {
        return ledger.isBehind(active().nextOffset());
    }

    /** Takes note of what a round has to force; none may be under way. */
    public FlushRound beginFlush() {
        return ledger.begin(active(), epochs, truncations);
    }

    /**
     * Takes a round back after {@link FlushRound#run} returned or failed, and raises the flushed offset. False if the
     * round counts for nothing: it failed, or a truncation came in between.
     */
    public boolean completeFlush(FlushRound round) throws IOException {
        if (!ledger.complete(round, truncations)) {
            return false;
        }
        publish();
        return true;
    }

    /** Any thread. What the partition's own file says: asked at start instead of the configuration. */
    public FlushMode flushMode() {
        return view.flushMode();
    }

    /** Records the mode durably: {@code OS} before page caches count, {@code COMMIT} once all that counted is flushed. */
    public void recordFlushMode(FlushMode mode) throws IOException {
        if (mode != flushMode) {
            files.writeMetadata(new PartitionFiles.Metadata(topicId, mode));
            flushMode = mode;
            publish();
        }
    }

    /** What the checkpoint of the log directory records for this partition. */
    public LogDirectory.RecoveryPoint recoveryPoint() {
        return new LogDirectory.RecoveryPoint(ledger.recoveryPoint(), truncations);
    }

    /** To be called when a value of {@link #recoveryPoint}, and the log start of then, have been written durably. */
    public void recorded(LogDirectory.RecoveryPoint point, long startOffset) throws IOException {
        if (point.truncations() == truncations) {
            start.checkpointed(startOffset);
            ledger.recoveryPointRecorded(point.offset());
        }
    }

    /** What depends on time alone; about once a second. True if a segment was closed, by its age, and is to be flushed. */
    public boolean tick(long nowMs) throws IOException {
        producers.expire(nowMs - config.producerExpiry().toMillis());
        segments.forEach(segment -> segment.notAppendedAfter(nowMs));
        // Most logs are idle, and all of them come here once a second. What makes room comes first.
        boolean hasExpired = tail.expire(nowMs - config.tail().age().toMillis());
        if (dropBelowStart() || hasExpired) {
            publish();
        }
        boolean isSpent = !active().isEmpty() && active().nextOffset() <= start.offset();
        boolean rolls = isSpent || active().isOlderThan(config.rollAgeMs(), nowMs);
        if (rolls) {
            roll();
            dropBelowStart();
            publish();
        }
        return rolls;
    }

    /** Flushes everything, side files included, and closes. No round may be under way. */
    public void closeCleanly() throws IOException {
        active().cutRemains();
        active().seal();
        FlushRound round = beginFlush();
        round.run();
        Check.that(completeFlush(round), name + ": the last flush did not count");
        active().forceAll();
        ledger.closed(segments, producers, epochs.lastEpoch());
        tail.clear();
        publish();
        close();
    }

    /** Closes the files as they are; for a failed directory, a deleted partition, and tests of crashes. */
    public void abandon() {
        tail.clear();
        publish();
        try {
            close();
        } catch (IOException gone) {
            return; // Nothing is expected of these files any more; the descriptor is gone in any case.
        }
    }

    private void close() throws IOException {
        ledger.closeUnforced();
        for (Segment segment : segments) {
            segment.close();
        }
        for (Deletion segment : takeDiscarded()) {
            segment.run();
        }
    }

    private Segment active() {
        return segments.getLast();
    }

    private void publish() {
        view = new LogView(
                truncations,
                start.offset(),
                active().nextOffset(),
                ledger.flushedOffset(),
                sealed,
                active().view(),
                tail.view(),
                epochs,
                flushMode);
    }
}
