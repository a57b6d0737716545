package io.lograft.broker.group.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps a place: starts a process there when the last one is gone, and sometimes a second one too early. */
final class SimSeat {
    private record Occupant(SimProcess process, SimMember member) {}

    private final SimPlace place;
    private final SimKind kind;
    private final SimGroups groups;
    private final List<Occupant> occupants = new ArrayList<>();
    private int started;
    private boolean isStarting;

    SimSeat(SimPlace place, SimKind kind, SimGroups groups) {
        this.place = place;
        this.kind = kind;
        this.groups = groups;
        watch();
    }

    String groupId() {
        return place.groupId();
    }

    List<SimMember> alive() {
        return occupants.stream()
                .filter(occupant -> occupant.process().isAlive())
                .map(Occupant::member)
                .toList();
    }

    private Optional<Occupant> present() {
        return occupants.stream().filter(occupant -> occupant.process().isAlive()).reduce((first, last) -> last);
    }

    void startAfter(long delayMs) {
        if (isStarting) {
            return;
        }
        isStarting = true;
        groups.world().after(delayMs, () -> {
            isStarting = false;
            start();
        });
    }

    private void start() {
        occupants.removeIf(occupant -> !occupant.process().isAlive());
        SimProcess process = new SimProcess(place.name() + "#" + ++started, groups);
        SimMember member = kind.member(process, place);
        occupants.add(new Occupant(process, member));
        groups.world().trace(() -> process.name() + " starts");
        member.start();
    }

    /** A process that was fenced, by one that has died since, has to be started again. */
    private void watch() {
        groups.world().after(2_000, () -> {
            if (started > 0 && alive().isEmpty() && groups.hasFaults()) {
                startAfter(groups.world().between(0, 10_000));
            } else if (isFencedForNothing()) {
                startAfter(0);
            }
            watch();
        });
    }

    private boolean isFencedForNothing() {
        return !groups.hasFaults() && !occupants.isEmpty() && alive().isEmpty();
    }

    // ---- faults

    void crash() {
        present().ifPresent(occupant -> occupant.process().die("crash"));
    }

    void pause(long ms) {
        present().ifPresent(occupant -> {
            groups.world().trace(() -> occupant.process().name() + " stops for " + ms + " ms");
            occupant.process().pause(ms);
        });
    }

    void leave() {
        present().ifPresent(occupant -> occupant.member().leave(() -> occupant.process().die("left")));
    }

    void changeSubscription() {
        present().ifPresent(occupant -> occupant.member().changeSubscription());
    }

    /** Only for static members; others would just be one more. */
    void startAnother() {
        if (place.isStatic() && started > 0) {
            present().filter(occupant -> groups.world().chance(0.5))
                    .ifPresent(occupant -> occupant.process().pause(groups.world().between(500, 10_000)));
            startAfter(0);
        }
    }

    void heal() {
        occupants.forEach(occupant -> occupant.process().resume());
    }
}
