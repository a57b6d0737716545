package io.lograft.broker.group.sim;

import io.lograft.broker.group.Group;
import io.lograft.broker.group.GroupRecord;
import java.util.List;

/**
 * A deliberate mistake, to prove that the simulation finds such; made in test code at the edge of the real code. Each has
 * to be found within so many seeds, counted from 1.
 */
enum GroupMutation {
    NONE(0),

    // ---- the shell

    /** Answers go out before what they rest on is committed. */
    ANSWERS_NOT_HELD(20),
    /** Generations are not written. */
    GENERATIONS_NOT_WRITTEN(20),
    /** A new coordinator does not take over the offsets. */
    OFFSETS_NOT_REPLAYED(10),

    // ---- the group

    /** Whoever commits may. */
    COMMITS_NOT_CHECKED(20),
    /** The number of the generation is not compared. */
    GENERATION_NOT_CHECKED(60),
    /** Members are never taken for dead. */
    SESSIONS_ENDLESS(20),
    /** The process that held an instance id before speaks on for it. */
    FORMER_NOT_FENCED(60),
    /** Every member is told that it leads, and gets what it assigns itself. */
    EVERYBODY_LEADS(10),
    /** A request whose place was taken by a newer one is not answered. */
    OLDER_REQUEST_FORGOTTEN(20),
    /** An answer is sent once more. */
    ANSWERED_TWICE(5);

    private final int seedsMax;

    GroupMutation(int seedsMax) {
        this.seedsMax = seedsMax;
    }

    int seedsMax() {
        return seedsMax;
    }

    /** What of this gets into the log. */
    List<GroupRecord> appended(List<GroupRecord> records) {
        return this != GENERATIONS_NOT_WRITTEN
                ? records
                : records.stream()
                        .filter(record -> record instanceof GroupRecord.Offset)
                        .toList();
    }

    boolean isReplayed(GroupRecord record) {
        return this != OFFSETS_NOT_REPLAYED || !(record instanceof GroupRecord.Offset);
    }

    /** The group as it is with the mistake. */
    Group mistaken(Group group) {
        return switch (this) {
            case NONE, ANSWERS_NOT_HELD, GENERATIONS_NOT_WRITTEN, OFFSETS_NOT_REPLAYED -> group;
            case COMMITS_NOT_CHECKED,
                    GENERATION_NOT_CHECKED,
                    SESSIONS_ENDLESS,
                    FORMER_NOT_FENCED,
                    EVERYBODY_LEADS,
                    OLDER_REQUEST_FORGOTTEN,
                    ANSWERED_TWICE -> new MistakenGroup(group, this);
        };
    }
}
