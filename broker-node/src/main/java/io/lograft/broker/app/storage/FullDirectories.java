package io.lograft.broker.app.storage;

import io.lograft.metadata.command.DirectoryId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Which directories count as full: at once where there is no room, and until there has been room for a while. So a disk
 * at the edge does not move leaderships to and fro. Owned by: metadata loop.
 */
final class FullDirectories {
    private final Supplier<Set<DirectoryId>> withoutRoom;
    private final long roomMsMin;
    /** When they had no room last. */
    private final Map<DirectoryId, Long> lastFullMs = new HashMap<>();

    FullDirectories(Supplier<Set<DirectoryId>> withoutRoom, long roomMsMin) {
        this.withoutRoom = withoutRoom;
        this.roomMsMin = roomMsMin;
    }

    /** Takes note of what is so now. */
    void look(long nowMs) {
        withoutRoom.get().forEach(id -> lastFullMs.put(id, nowMs));
        lastFullMs.values().removeIf(last -> nowMs - last >= roomMsMin);
    }

    Set<DirectoryId> now() {
        return Set.copyOf(lastFullMs.keySet());
    }
}
