/*
 * The replication of one partition on three brokers, as far as R1 to R5 depend on it. README.md says what is modelled,
 * what is left out and why; check.sh runs the checker. Names in brackets are the Java classes that do the same.
 *
 * Each step is one atomic step of the real system (a message taken, a command applied), or several of which README.md
 * says why nothing can come between them. Sets of brokers are bit masks. A log is a number with three bits per offset,
 * each the identity of a record, 0 for none. Records that were appended separately have different identities, so that
 * equal logs are equal numbers.
 */

/* ---- bounds and variants, to be set with -D */

#ifndef RECORDS
#define RECORDS 2           /* appended in all, by all leaders together; at most 5 */
#endif
#ifndef LEADER_EPOCHS
#define LEADER_EPOCHS 3     /* the first one included; at most 7 */
#endif
#ifndef MINIMUM
#define MINIMUM 2           /* min.insync.replicas */
#endif
/*
 * CRASHES=n        at most n crashes of processes, and power cuts; as many as there can be where it is not set
 * POWER_CUTS       flush.mode=commit: what is in the log and what is flushed differ, and a power cut loses the difference
 * LOSSES=n         up to n times a broker comes back with its log cut somewhere, knows it and says so: power cuts with
 *                  flush.mode=os, where no flush is waited for, and damaged or empty disks with any mode
 * HAND_OVERS       the controller moves leadership though the leader lives
 * MARKS            followers have a high watermark, too, and begin to lead with it
 * M_...            deliberate mistakes: the checker must find them
 * REACH_...        claims that something interesting never happens: the checker must refute them
 */

#define BROKERS 3
#define NOBODY 3
#define ALL 7

#define BIT(b) (1 << (b))
#define HAS(set, b) (((set) >> (b)) & 1)
#define SIZE(set) (HAS(set, 0) + HAS(set, 1) + HAS(set, 2))
#define FIRST(set) (HAS(set, 0) -> 0 : (HAS(set, 1) -> 1 : 2))
#define LESSER(a, b) ((a) < (b) -> (a) : (b))
#define GREATER(a, b) ((a) > (b) -> (a) : (b))

#define AT(log, offset) (((log) >> (3 * (offset))) & 7)
#define PREFIX(log, end) ((log) & (BIT(3 * (end)) - 1))
#define EPOCH_OF(record) AT(recordEpochs, (record) - 1)

/* ---- the metadata, as the controller has it [PartitionImage, BrokerImage] */

byte leader = 0;
byte leaderEpoch = 1;
byte isr = ALL;
byte eligible = 0;
byte fenced = 0;
/* Who has been proposed to join under the present partition epoch, by its present broker epoch. */
byte joiners = 0;

/* ---- the brokers */

/* What each has heard of the metadata [PartitionConfiguration]; the last three only for who takes itself for leader. */
byte seenLeader[BROKERS] = 0;
byte seenLeaderEpoch[BROKERS] = 1;
byte seenIsr[BROKERS] = {ALL, 0, 0};
byte knowsRegistration[BROKERS] = {ALL, 0, 0}; /* of which brokers it knows the present broker epoch */
byte knowsPartition = 1;             /* who knows the present partition epoch */

/* Its disk. */
short log[BROKERS] = 0;
byte end[BROKERS] = 0;
#ifdef POWER_CUTS
byte flushed[BROKERS] = 0;
#endif

/* As a follower: who has been told where to truncate, and has done it [FollowerRole, state ACTIVE]. */
byte following = 0;

/* As a leader [LeaderRole, IsrPolicy, FollowerProgress]. */
byte highWatermark[BROKERS] = 0;
byte epochStart[BROKERS] = 0;
byte joining[BROKERS] = 0;  /* whom it has proposed to join under the partition epoch that it knows */
byte known[9] = 0;          /* by leader * 3 + follower: 0 unknown, else the position acknowledged, plus 1 */
#define POSITION_KNOWN(l, f) known[(l) * 3 + (f)]

/* ---- what only an observer knows */

byte appended = 0;          /* number of records ever appended: the identity of the newest */
short recordEpochs = 0;     /* leader epoch of each record, three bits each */
short committed = 0;        /* the log below the greatest high watermark that any leader has had */
byte committedEnd = 0;
bit isLed = 1;              /* somebody has begun to lead the newest leader epoch */

#ifdef CRASHES
byte crashes = 0;
#define MAY_CRASH (crashes < CRASHES)
#define COUNT_CRASH crashes++;
#else
#define MAY_CRASH true
#define COUNT_CRASH
#endif
#ifdef LOSSES
byte losses = 0;
#endif
#ifdef M_LEAVERS_NOT_COUNTED
byte leaving[BROKERS] = 0;
#endif
#ifdef M_LEADER_EPOCH_REUSED
byte lastLeader = 0;
#endif

/* ---- scratch, meaningless between steps. Breadth-first search bears no hidden variables: there it is cleared. */

#ifdef BREADTH_FIRST
#define SCRATCH byte
#else
#define SCRATCH hidden byte
#endif
SCRATCH live;
SCRATCH holders;
SCRATCH outside;
SCRATCH oldLeader;
SCRATCH oldIsr;
SCRATCH oldEligible;
SCRATCH oldEpoch;
SCRATCH target;
SCRATCH mine;
SCRATCH theirs;
SCRATCH other;
SCRATCH place;
SCRATCH age;
SCRATCH isAgreed;

inline clearScratch() {
#ifdef BREADTH_FIRST
    live = 0;
    holders = 0;
    outside = 0;
    oldLeader = 0;
    oldIsr = 0;
    oldEligible = 0;
    oldEpoch = 0;
    target = 0;
    mine = 0;
    theirs = 0;
    other = 0;
    place = 0;
    age = 0;
    isAgreed = 0
#else
    skip /* a step may not end with a loop */
#endif
}

#define IS_LEADING(b) (seenLeader[b] == (b))
/* The leader that b follows is there, and in the same epoch. */
#define LEADER_ANSWERS(b) (seenLeader[b] != NOBODY && seenLeader[b] != (b) && IS_LEADING(seenLeader[b]) \
    && seenLeaderEpoch[seenLeader[b]] == seenLeaderEpoch[b])

#if defined(POWER_CUTS) && !defined(M_ACKNOWLEDGE_BEFORE_FLUSH)
#define POSITION(b) flushed[b]
#else
#define POSITION(b) end[b]
#endif

/* Whose positions the high watermark must not pass. Who is proposed out is in the confirmed set still. */
#ifdef M_LEAVERS_NOT_COUNTED
#define COUNTED(l) ((seenIsr[l] | joining[l]) & ~leaving[l])
#elif defined(M_JOINERS_NOT_COUNTED)
#define COUNTED(l) seenIsr[l]
#else
#define COUNTED(l) (seenIsr[l] | joining[l])
#endif

/*
 * States that can no longer differ in what they lead to are made equal. A broker that follows who does not lead that
 * epoch any more, or never will, follows nobody. Who leads an old epoch lets nobody in and hears of nobody anew.
 */
inline forsake(b) {
    if
    ::  seenLeader[b] != NOBODY && seenLeader[b] != b && (seenLeaderEpoch[b] < leaderEpoch || leader == NOBODY) &&
        !LEADER_ANSWERS(b) ->
        seenLeader[b] = NOBODY;
        seenLeaderEpoch[b] = 0;
        following = following & ~BIT(b)
    :: else
    fi
}

inline forsakeAll() {
    forsake(0);
    forsake(1);
    forsake(2)
}

inline outdate(l) {
    epochStart[l] = 0;
    if
    :: IS_LEADING(l) ->
        knowsRegistration[l] = ALL;
        POSITION_KNOWN(l, 0) = (HAS(COUNTED(l), 0) -> POSITION_KNOWN(l, 0) : 0);
        POSITION_KNOWN(l, 1) = (HAS(COUNTED(l), 1) -> POSITION_KNOWN(l, 1) : 0);
        POSITION_KNOWN(l, 2) = (HAS(COUNTED(l), 2) -> POSITION_KNOWN(l, 2) : 0)
    :: else
    fi
}

/* ---- invariants */

#define HOLDS_COMMITTED(b) (PREFIX(log[b], committedEnd) == committed)

/* R3, and more: whoever may be chosen as leader has all that any leader ever took for committed. */
inline checkMembers() {
    assert(!HAS(isr | eligible, 0) || HOLDS_COMMITTED(0));
    assert(!HAS(isr | eligible, 1) || HOLDS_COMMITTED(1));
    assert(!HAS(isr | eligible, 2) || HOLDS_COMMITTED(2))
}

/* R2 for the log of b, which has grown. */
inline checkLog(b) {
    other = 0;
    do
    :: other < BROKERS ->
        place = 0;
        do
        :: place < end[b] && place < end[other] ->
            if
            :: EPOCH_OF(AT(log[b], place)) == EPOCH_OF(AT(log[other], place)) ->
                assert(PREFIX(log[b], place + 1) == PREFIX(log[other], place + 1))
            :: else
            fi;
            place++
        :: else -> break
        od;
        other++
    :: else -> break
    od;
    clearScratch()
}

/* R1 and R5 at the start of a leadership. It is the newest, so all that is committed was so in earlier epochs. */
inline checkStart(b) {
    assert(b == 0 || !IS_LEADING(0) || seenLeaderEpoch[0] != leaderEpoch);
    assert(b == 1 || !IS_LEADING(1) || seenLeaderEpoch[1] != leaderEpoch);
    assert(b == 2 || !IS_LEADING(2) || seenLeaderEpoch[2] != leaderEpoch);
#ifndef M_LEADER_EPOCH_REUSED
    assert(!isLed);
#endif
    isLed = 1;
    assert(HOLDS_COMMITTED(b));
    assert(highWatermark[b] <= committedEnd)
}

/*
 * R5 at a commit by b, which may be deposed: those who lead later epochs by now have the record, too. Of what leaders of
 * later epochs still have committed they may lack some.
 */
#define HAS_COMMITTED_BY(l, b) (PREFIX(log[l], highWatermark[b]) == PREFIX(committed, highWatermark[b]))
inline checkLaterLeaders(b) {
    assert(!IS_LEADING(0) || seenLeaderEpoch[0] <= seenLeaderEpoch[b] || HAS_COMMITTED_BY(0, b));
    assert(!IS_LEADING(1) || seenLeaderEpoch[1] <= seenLeaderEpoch[b] || HAS_COMMITTED_BY(1, b));
    assert(!IS_LEADING(2) || seenLeaderEpoch[2] <= seenLeaderEpoch[b] || HAS_COMMITTED_BY(2, b))
}

/* ---- the controller's decisions [PartitionDraft, LeaderChoice] */

inline beginDraft() {
    oldLeader = leader;
    oldEpoch = leaderEpoch;
    oldIsr = isr;
    oldEligible = eligible;
    holders = isr | eligible
}

inline changeIsr(next) {
    outside = 0;
    if
#ifdef M_ELIGIBLE_NEVER_EMPTIED
    :: true -> outside = holders & ~(next)
#else
    :: SIZE(next) < MINIMUM -> outside = holders & ~(next)
    :: else
#endif
    fi;
    holders = holders | (next);
    isr = next;
    eligible = outside
}

inline startLeader(b) {
    assert(HAS(isr, b));
#ifdef M_LEADER_EPOCH_REUSED
    leaderEpoch = (lastLeader == b -> leaderEpoch : leaderEpoch + 1);
    lastLeader = b;
#else
    leaderEpoch++;
#endif
    leader = b;
    isLed = 0;
    outdate(0);
    outdate(1);
    outdate(2);
    forsakeAll()
}

inline settle() {
    live = isr & ~fenced;
    if
    :: live != 0 ->
        changeIsr(live);
        if
        :: leader != NOBODY && HAS(live, leader)
        :: else -> startLeader(FIRST(live))
        fi
    :: else ->
        live = eligible & ~fenced;
#ifdef M_LEADER_OUTSIDE_BOTH_SETS
        live = (live != 0 -> live : ALL & ~fenced);
#endif
        if
        :: live != 0 ->
            live = FIRST(live);
            changeIsr(BIT(live));
            startLeader(live);
#ifdef REACH_ELIGIBLE_LEADER
            assert(committedEnd == 0);
#endif
        :: else ->
            leader = NOBODY;
            forsakeAll()
        fi
    fi
}

/* A fresh partition epoch: nobody knows it yet, and what was proposed before is refused. */
inline nextPartitionEpoch() {
    knowsPartition = 0;
#ifdef M_PARTITION_EPOCH_NOT_CHECKED
    joiners = (leaderEpoch == oldEpoch && leader != NOBODY -> joiners : 0)
#else
    joiners = 0
#endif
}

inline endSilently() {
    if
    :: leader == oldLeader && leaderEpoch == oldEpoch && isr == oldIsr && eligible == oldEligible
    :: else -> nextPartitionEpoch()
    fi
}

inline endDraft() {
    endSilently();
    fenced = fenced & (isr | eligible); /* who is in neither set may as well be let in again at once */
    checkMembers()
}

/* Within the bounds, whatever follows: without b no leadership need begin, or there may be one more. */
#define MAY_DO_WITHOUT(b) (leader != (b) || leaderEpoch < LEADER_EPOCHS)
#define MAY_LET_IN (leader != NOBODY || leaderEpoch < LEADER_EPOCHS)

/* ---- what a broker does when it hears of the metadata [PartitionReplica, LeaderRole, FollowerRole] */

inline forgetFollowers(b) {
    known[(b) * 3] = 0;
    known[(b) * 3 + 1] = 0;
    known[(b) * 3 + 2] = 0
}

inline endRoles(b) {
#ifndef M_POSITIONS_KEPT
    forgetFollowers(b);
#endif
    joining[b] = 0;
    epochStart[b] = 0;
    seenIsr[b] = 0;
    knowsRegistration[b] = 0;
    knowsPartition = knowsPartition & ~BIT(b);
    following = following & ~BIT(b);
#ifndef MARKS
    highWatermark[b] = 0;
#endif
#ifdef M_LEAVERS_NOT_COUNTED
    leaving[b] = 0
#endif
}

inline forgetIfRegisteredAnew(b, f) {
    POSITION_KNOWN(b, f) = (HAS(knowsRegistration[b], f) -> POSITION_KNOWN(b, f) : 0)
}

inline learn(b) {
    if
    :: seenLeaderEpoch[b] != leaderEpoch || seenLeader[b] != leader ->
        endRoles(b);
        seenLeader[b] = leader;
        seenLeaderEpoch[b] = (leader == NOBODY -> 0 : leaderEpoch);
        forsakeAll();
        if
        :: leader == b ->
            epochStart[b] = end[b];
            checkStart(b);
#ifdef REACH_LEADER_AFTER_COMMIT
            assert(committedEnd == 0);
#endif
        :: else
        fi
    :: else ->
        if
        :: !HAS(knowsPartition, b) ->
            joining[b] = 0;
#ifdef M_LEAVERS_NOT_COUNTED
            leaving[b] = 0;
#endif
        :: else
        fi;
#ifndef M_POSITION_OUTLIVES_REGISTRATION
        forgetIfRegisteredAnew(b, 0);
        forgetIfRegisteredAnew(b, 1);
        forgetIfRegisteredAnew(b, 2)
#endif
    fi;
    if
    :: leader == b ->
        seenIsr[b] = isr;
        knowsRegistration[b] = ALL;
        knowsPartition = knowsPartition | BIT(b)
    :: else
    fi
}

#define HAS_NEWS(b) (seenLeader[b] != leader || (leader != NOBODY && seenLeaderEpoch[b] != leaderEpoch) \
    || (leader == (b) && (!HAS(knowsPartition, b) || knowsRegistration[b] != ALL)))

/* ---- Follow and Following [EpochHistory] */

/* Sets `target`: the lesser end of the greatest epoch that both logs have, 0 where there is none. */
inline agree(f, l) {
    target = 0;
    isAgreed = 0;
    age = LEADER_EPOCHS;
    do
    :: age > 0 && !isAgreed ->
        mine = 0;
        theirs = 0;
        place = 0;
        do
        :: place < RECORDS ->
            mine = (place < end[l] && EPOCH_OF(AT(log[l], place)) == age -> place + 1 : mine);
            theirs = (place < end[f] && EPOCH_OF(AT(log[f], place)) == age -> place + 1 : theirs);
            place++
        :: else -> break
        od;
        if
        :: mine > 0 && theirs > 0 ->
            target = LESSER(mine, theirs);
            isAgreed = 1
        :: else
        fi;
        age--
    :: else -> break
    od
}

inline checkTruncation(f) {
    /* The replica would stop here, and loudly, rather than go below its own high watermark. */
    assert(target >= highWatermark[f]);
#ifdef REACH_TRUNCATION
    assert(target == end[f] || committedEnd == 0);
#endif
}

inline truncate(f) {
    log[f] = PREFIX(log[f], target);
    end[f] = target;
#ifdef POWER_CUTS
    flushed[f] = LESSER(flushed[f], target);
#endif
}

/* Its acknowledgement arrives at once. That it may come later, or never, is in what the leader then leaves undone. */
inline acknowledge(f) {
    if
    :: LEADER_ANSWERS(f) && HAS(following, f) -> POSITION_KNOWN(seenLeader[f], f) = POSITION(f) + 1
    :: else
    fi
}

/* ---- the in-sync set, as its leader wants it [IsrPolicy] */

#ifdef M_JOINS_AT_HIGH_WATERMARK
#define NEEDED(l) highWatermark[l]
#else
#define NEEDED(l) GREATER(highWatermark[l], epochStart[l])
#endif

#ifdef M_BROKER_EPOCH_NOT_CHECKED
#define IS_KNOWN(l, f) true
#else
#define IS_KNOWN(l, f) HAS(knowsRegistration[l], f)
#endif

/* A proposal under a partition epoch or broker epoch that has passed would be refused; it is not made. */
#define MAY_JOIN(l, f) (IS_LEADING(l) && (l) != (f) && HAS(knowsPartition, l) && IS_KNOWN(l, f) \
    && !HAS(seenIsr[l], f) && POSITION_KNOWN(l, f) > NEEDED(l) && !HAS(joiners & joining[l], f))

inline join(l, f) {
    joining[l] = joining[l] | BIT(f);
    joiners = joiners | BIT(f);
    printf("broker %d, leader of epoch %d, proposes that %d joins\n", l, seenLeaderEpoch[l], f)
}

#ifdef M_COMMITS_BELOW_MINIMUM
#define IS_LARGE_ENOUGH(l) true
#else
#define IS_LARGE_ENOUGH(l) (SIZE(seenIsr[l]) >= MINIMUM)
#endif

#define HAS_POSITION(l, f, offset) ((f) == (l) || !HAS(COUNTED(l), f) || POSITION_KNOWN(l, f) > (offset))

#define MAY_COMMIT(l) (IS_LEADING(l) && IS_LARGE_ENOUGH(l) && POSITION(l) > highWatermark[l] \
    && HAS_POSITION(l, 0, highWatermark[l] + 1) && HAS_POSITION(l, 1, highWatermark[l] + 1) \
    && HAS_POSITION(l, 2, highWatermark[l] + 1))

/* The high watermark moves by one; what waits for it is acknowledged, and consumers see it. */
inline commit(l) {
    if
    :: highWatermark[l] == committedEnd ->
        committed = committed | (AT(log[l], committedEnd) << (3 * committedEnd));
        committedEnd++
    :: else
    fi;
    highWatermark[l]++;
    printf("broker %d, leader of epoch %d, commits record %d at offset %d\n", l, seenLeaderEpoch[l],
        AT(log[l], highWatermark[l] - 1), highWatermark[l] - 1);
    assert(PREFIX(log[l], highWatermark[l]) == PREFIX(committed, highWatermark[l])); /* R4, and R5 for this leader */
    checkMembers();
    checkLaterLeaders(l);
#ifdef REACH_COMMIT
    assert(committedEnd < RECORDS);
#endif
#ifdef REACH_COMMIT_BY_DEPOSED
    assert(seenLeaderEpoch[l] == leaderEpoch);
#endif
#ifdef REACH_COMMIT_IN_LAST_EPOCH
    assert(EPOCH_OF(AT(log[l], highWatermark[l] - 1)) < LEADER_EPOCHS);
#endif
}

/* ---- crashes */

/*
 * A process dies, and a new one registers, by which its former self is fenced and leaves what others know; it is let in,
 * says what it has lost, and begins with the metadata of that moment [BrokerRegistration, BrokerChange.unfence]. All in
 * one step: a broker that is down for a while is one that does nothing for a while, and then dies.
 */
#define MAY_RESTART(b) (MAY_DO_WITHOUT(b) && MAY_LET_IN)

inline forgetRegistration(l, b) {
    knowsRegistration[l] = (seenLeaderEpoch[l] == leaderEpoch -> knowsRegistration[l] & ~BIT(b) : knowsRegistration[l])
}

inline restart(b, newEnd, isLoss) {
    endRoles(b);
    forgetFollowers(b);
    seenLeader[b] = NOBODY;
    seenLeaderEpoch[b] = 0;
    log[b] = PREFIX(log[b], newEnd);
    end[b] = newEnd;
#ifdef MARKS
    highWatermark[b] = LESSER(highWatermark[b], newEnd);
#endif
#ifdef POWER_CUTS
    flushed[b] = newEnd; /* the recovery of the log flushes what is there */
#endif
    /* The streams of its followers break. */
    following = (seenLeader[0] == b -> following & ~BIT(0) : following);
    following = (seenLeader[1] == b -> following & ~BIT(1) : following);
    following = (seenLeader[2] == b -> following & ~BIT(2) : following);

    beginDraft();
    fenced = fenced | BIT(b);
    settle();
    endSilently();
    forgetRegistration(0, b);
    forgetRegistration(1, b);
    forgetRegistration(2, b);
#ifndef M_BROKER_EPOCH_NOT_CHECKED
    joiners = joiners & ~BIT(b);
#endif

    beginDraft();
    fenced = fenced & ~BIT(b);
#ifndef M_LOSS_NOT_TOLD
    if
    :: isLoss ->
        isr = isr & ~BIT(b);
        eligible = eligible & ~BIT(b);
        holders = holders & ~BIT(b)
    :: else
    fi;
#endif
    settle();
    endDraft();
    learn(b);
    printf("broker %d restarts: log end %d, leader %d in epoch %d, in-sync set %d, eligible %d\n", b, end[b], leader,
        leaderEpoch, isr, eligible);
    clearScratch()
}

/* ---- the three brokers */

active [BROKERS] proctype Broker() {
endless:
    do

    /* As a leader. */
    :: d_step {
        IS_LEADING(_pid) && appended < RECORDS ->
        appended++;
        recordEpochs = recordEpochs | (seenLeaderEpoch[_pid] << (3 * (appended - 1)));
        log[_pid] = log[_pid] | (appended << (3 * end[_pid]));
        end[_pid]++;
        printf("broker %d, leader of epoch %d, appends record %d at offset %d\n", _pid, seenLeaderEpoch[_pid],
            appended, end[_pid] - 1);
        checkLog(_pid)
    }
    :: d_step { MAY_COMMIT(_pid) -> commit(_pid) }
    :: d_step { MAY_JOIN(_pid, 0) -> join(_pid, 0) }
    :: d_step { MAY_JOIN(_pid, 1) -> join(_pid, 1) }
    :: d_step { MAY_JOIN(_pid, 2) -> join(_pid, 2) }
#ifdef M_LEAVERS_NOT_COUNTED
    :: d_step {
        IS_LEADING(_pid) && HAS(knowsPartition, _pid) && leaving[_pid] == 0 && seenIsr[_pid] == ALL ->
        leaving[_pid] = BIT((_pid + 1) % 3);
        printf("broker %d, leader of epoch %d, proposes that %d leaves\n", _pid, seenLeaderEpoch[_pid], (_pid + 1) % 3)
    }
#endif

    /* As a follower. The leader takes the Follow and the follower truncates, in one step. */
    :: d_step {
        LEADER_ANSWERS(_pid) && HAS(knowsRegistration[seenLeader[_pid]], _pid) && !HAS(following, _pid) ->
        agree(_pid, seenLeader[_pid]);
#ifdef M_TRUNCATE_TO_HIGH_WATERMARK
        target = highWatermark[_pid];
#elif defined(M_TRUNCATION_SKIPPED)
        target = LESSER(end[_pid], end[seenLeader[_pid]]);
#else
        checkTruncation(_pid);
#endif
        printf("broker %d follows %d in epoch %d, truncates from %d to %d\n", _pid, seenLeader[_pid],
            seenLeaderEpoch[_pid], end[_pid], target);
        truncate(_pid);
        following = following | BIT(_pid);
        acknowledge(_pid);
        checkMembers();
        clearScratch()
    }
    /* A batch that the leader pushed arrives. */
    :: d_step {
        LEADER_ANSWERS(_pid) && HAS(following, _pid) && end[_pid] < end[seenLeader[_pid]] ->
        log[_pid] = log[_pid] | (AT(log[seenLeader[_pid]], end[_pid]) << (3 * end[_pid]));
        end[_pid]++;
        acknowledge(_pid);
        printf("broker %d gets record %d at offset %d\n", _pid, AT(log[_pid], end[_pid] - 1), end[_pid] - 1);
        checkLog(_pid)
    }
#ifdef MARKS
    /* It hears of the high watermark. */
    :: d_step {
        LEADER_ANSWERS(_pid) && HAS(following, _pid) &&
        highWatermark[_pid] < LESSER(end[_pid], highWatermark[seenLeader[_pid]]) ->
        highWatermark[_pid] = LESSER(end[_pid], highWatermark[seenLeader[_pid]]);
        printf("broker %d hears of the high watermark %d\n", _pid, highWatermark[_pid]);
        assert(PREFIX(log[_pid], highWatermark[_pid]) == PREFIX(committed, highWatermark[_pid])) /* R3, R4 */
    }
#endif

    /* In either role. */
#ifdef POWER_CUTS
    :: d_step {
        flushed[_pid] < end[_pid] ->
        flushed[_pid] = end[_pid];
        acknowledge(_pid);
        printf("broker %d has flushed up to %d\n", _pid, flushed[_pid])
    }
#endif
    :: d_step {
        HAS_NEWS(_pid) ->
        learn(_pid);
        printf("broker %d learns: leader %d in epoch %d, in-sync set %d\n", _pid, leader, leaderEpoch, isr)
    }

    /* Its process dies, with or without its machine. */
    :: d_step {
        MAY_CRASH && MAY_RESTART(_pid) ->
        COUNT_CRASH
        printf("broker %d crashes\n", _pid);
        restart(_pid, end[_pid], false)
    }
#ifdef MARKS
    :: d_step {
        MAY_CRASH && MAY_RESTART(_pid) && highWatermark[_pid] > 0 ->
        COUNT_CRASH
        printf("broker %d crashes, its high watermark was not recorded\n", _pid);
        highWatermark[_pid] = 0;
        restart(_pid, end[_pid], false)
    }
#endif
#ifdef POWER_CUTS
    :: d_step {
        MAY_CRASH && MAY_RESTART(_pid) && flushed[_pid] < end[_pid] ->
        COUNT_CRASH
        printf("broker %d loses power, and all that was not flushed\n", _pid);
        restart(_pid, flushed[_pid], false)
    }
    :: d_step {
        MAY_CRASH && MAY_RESTART(_pid) && flushed[_pid] + 1 < end[_pid] ->
        COUNT_CRASH
        printf("broker %d loses power, and some that was not flushed\n", _pid);
        restart(_pid, flushed[_pid] + 1, false)
    }
#endif
#ifdef LOSSES
    :: d_step {
        losses < LOSSES && MAY_RESTART(_pid) ->
        losses++;
        printf("broker %d cannot vouch for its log, which is whole by chance\n", _pid);
        restart(_pid, end[_pid], true)
    }
    :: d_step {
        losses < LOSSES && MAY_RESTART(_pid) && end[_pid] > 0 ->
        losses++;
        printf("broker %d loses its log\n", _pid);
        restart(_pid, 0, true)
    }
    :: d_step {
        losses < LOSSES && MAY_RESTART(_pid) && end[_pid] > 1 ->
        losses++;
        printf("broker %d loses its log but for the first record\n", _pid);
        restart(_pid, 1, true)
    }
#endif
    /* A process that was fenced resumes its session: the same command, without losses. */
    :: d_step {
        HAS(fenced, _pid) && MAY_LET_IN ->
        beginDraft();
        fenced = fenced & ~BIT(_pid);
        settle();
        endDraft();
        printf("broker %d is let in again: leader %d in epoch %d, in-sync set %d, eligible %d\n", _pid, leader,
            leaderEpoch, isr, eligible);
        clearScratch()
    }
    od
}

/* ---- the controller's own initiative, and the arrival of proposals */

inline fence(set) {
    beginDraft();
    fenced = fenced | (set);
    settle();
    endDraft();
    printf("the controller fences %d: leader %d in epoch %d, in-sync set %d, eligible %d\n", set, leader, leaderEpoch,
        isr, eligible);
    clearScratch()
}

/*
 * A proposal arrives: of the leader, computed from the present partition epoch, with new members that are unfenced and
 * have the broker epoch that it names [IsrChange]. Which of the members are in it is the leader's free choice, as time
 * decides who lags. To withdraw what it proposed it proposes the present set. Accepted, it gets a fresh partition epoch
 * even where nothing changes.
 */
#ifdef M_PARTITION_EPOCH_NOT_CHECKED
#define MAY_ARRIVE(set) ((set) & ~(seenIsr[leader] | joiners)) == 0
#else
#define MAY_ARRIVE(set) HAS(knowsPartition, leader) && ((set) & ~(isr | joiners)) == 0
#endif
#define MAY_ACCEPT(set) (leader != NOBODY && HAS(set, leader) && IS_LEADING(leader) && \
    seenLeaderEpoch[leader] == leaderEpoch && MAY_ARRIVE(set) && ((set) & ~isr & fenced) == 0 && \
    ((set) != isr || joining[leader] != 0))

#define ACCEPT(set) :: d_step { \
    MAY_ACCEPT(set) -> \
    beginDraft(); \
    changeIsr(set); \
    settle(); \
    nextPartitionEpoch(); \
    checkMembers(); \
    printf("the controller accepts the in-sync set %d, eligible %d\n", isr, eligible); \
    clearScratch() }

/* A live member of the in-sync set takes over. */
#define MAY_TAKE_OVER(b) (leader != NOBODY && leader != (b) && HAS(isr & ~fenced, b) && leaderEpoch < LEADER_EPOCHS)
#define TAKE_OVER(b) :: d_step { \
    MAY_TAKE_OVER(b) -> \
    beginDraft(); \
    startLeader(b); \
    endDraft(); \
    printf("the controller moves leadership to %d in epoch %d\n", leader, leaderEpoch); \
    clearScratch() }

/* So does a live eligible one, alone in the in-sync set. */
#define TAKE_OVER_ELIGIBLE(b) :: d_step { \
    leader != NOBODY && HAS(eligible & ~fenced, b) && leaderEpoch < LEADER_EPOCHS -> \
    beginDraft(); \
    changeIsr(BIT(b)); \
    startLeader(b); \
    endDraft(); \
    printf("the controller moves leadership to the eligible %d in epoch %d\n", leader, leaderEpoch); \
    clearScratch() }

active proctype Controller() {
endless:
    do
    :: d_step { HAS((isr | eligible) & ~fenced, 0) && MAY_DO_WITHOUT(0) -> fence(1) }
    :: d_step { HAS((isr | eligible) & ~fenced, 1) && MAY_DO_WITHOUT(1) -> fence(2) }
    :: d_step { HAS((isr | eligible) & ~fenced, 2) && MAY_DO_WITHOUT(2) -> fence(4) }
    /* All brokers fall silent at once: one command. */
    :: d_step { ((isr | eligible) & ~fenced) != 0 -> fence(ALL) }
    ACCEPT(1)
    ACCEPT(2)
    ACCEPT(3)
    ACCEPT(4)
    ACCEPT(5)
    ACCEPT(6)
    ACCEPT(7)
#ifdef HAND_OVERS
    TAKE_OVER(0)
    TAKE_OVER(1)
    TAKE_OVER(2)
    TAKE_OVER_ELIGIBLE(0)
    TAKE_OVER_ELIGIBLE(1)
    TAKE_OVER_ELIGIBLE(2)
#endif
    od
}
