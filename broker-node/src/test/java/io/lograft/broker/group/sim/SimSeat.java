package io.lograft.broker.group.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps a place: starts a process there when the last one is gone, and sometimes a second one too early. */
final class SimSeat {
    private record Occupant(SimProcess process, SimMember member) {}

    private final SimPlace place;
    private final SimKind kind;
    private final SimGroupClients groups;
    private final List<Occupant> occupants = new ArrayList<>();
    private int started;
    private boolean isStarting;
    private boolean wasTaken;

    SimSeat(SimPlace place, SimKind kind, SimGroupClients groups) {
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
        return occupants.stream()
                .filter(occupant -> occupant.process().isAlive())
                .reduce((first, last) -> last);
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
        wasTaken = true;
        groups.world().trace(() -> process.name() + " starts");
        member.start();
    }

    /** Once there are no faults, only a process that was fenced by one that has died since has to be started again. */
    private void watch() {
        groups.world().after(2_000, () -> {
            boolean isVacant = started > 0 && alive().isEmpty();
            if (isVacant && groups.hasFaults()) {
                startAfter(groups.world().between(0, 10_000));
            } else if (isVacant && wasTaken) {
                startAfter(0);
            }
            wasTaken = !isVacant;
            watch();
        });
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
        present()
                .ifPresent(occupant ->
                        occupant.member().leave(() -> occupant.process().die("left")));
    }

    void changeSubscription() {
        present().ifPresent(occupant -> occupant.member().changeSubscription());
    }

    /** Only for static members; others would just be one more. */
    void startAnother() {
        if (place.isStatic() && started > 0) {
            present()
                    .filter(occupant -> groups.world().chance(0.5))
                    .ifPresent(
                            occupant -> occupant.process().pause(groups.world().between(500, 10_000)));
            startAfter(0);
        }
    }

    /** Nothing happens to it any more; but the last thing may be that everything here has died, for good. */
    void heal() {
        occupants.forEach(occupant -> occupant.process().resume());
        if (groups.world().chance(0.2)) {
            occupants.forEach(occupant -> occupant.process().die("crash, for good"));
        }
        wasTaken = !alive().isEmpty();
    }
}
