package io.lograft.broker.group.assign;

import io.lograft.model.PartitionId;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * A way to spread partitions over members: every partition that somebody reads goes to one of those who read its topic.
 * The same input has the same result.
 */
public sealed interface Assignor permits UniformAssignor, RangeAssignor {
    /** All there are; the first is the one for members without a wish. */
    List<Assignor> ALL = List.of(new UniformAssignor(), new RangeAssignor());

    /** As on the wire. */
    String name();

    /** What each member gets; every member is in the result. */
    SortedMap<String, SortedSet<PartitionId>> assign(AssignorInput input);

    /** The one of this name; the first where it is empty. */
    static Optional<Assignor> named(String name) {
        return ALL.stream()
                .filter(assignor -> name.isEmpty() || assignor.name().equals(name))
                .findFirst();
    }
}
