package io.lograft.broker.app.storage;

import io.lograft.broker.cluster.BrokerSession;
import io.lograft.broker.concurrent.EventLoop;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.DirectoryId;
import io.lograft.metadata.command.MetadataCommand;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.model.BrokerId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Tells the controller which of this broker's log directories have failed and which are full, whenever the metadata say
 * something else. Looks at that a few times a second, so that nothing that is lost on the way is lost for long.
 *
 * <p>Owned by: metadata loop.
 */
public final class DirectoryReporter {
    private static final long LOOK_MS = 250;
    /** A directory that was full counts as such until it has had room for so long. */
    private static final long ROOM_MS_MIN = 3_000;

    private final BrokerId self;
    private final BrokerSession session;
    private final EventLoop loop;
    private final Supplier<Set<DirectoryId>> failed;
    private final FullDirectories full;
    private boolean isAsking;

    /** Asked for the directories that have failed, and for those without room. */
    DirectoryReporter(
            BrokerId self,
            BrokerSession session,
            EventLoop loop,
            Supplier<Set<DirectoryId>> failed,
            Supplier<Set<DirectoryId>> withoutRoom) {
        this.self = self;
        this.session = session;
        this.loop = loop;
        this.failed = failed;
        this.full = new FullDirectories(withoutRoom, ROOM_MS_MIN);
        loop.scheduleEvery(LOOK_MS, this::look);
    }

    /** Completes once the metadata know of the directories that have failed by now, under this registration. */
    CompletableFuture<Void> failuresTold(long brokerEpoch) {
        List<DirectoryId> gone = List.copyOf(failed.get());
        if (gone.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        BrokerRef ref = new BrokerRef(self, brokerEpoch);
        return session.submit(new MetadataCommand.ReportDirectories(ref, gone, List.of()))
                .thenAccept(reply -> {});
    }

    private void look() {
        full.look(loop.clock().nowMs());
        Optional<BrokerImage> own =
                session.image().broker(self).filter(known -> known.epoch() == session.brokerEpoch());
        if (isAsking || own.isEmpty() || session.controller().isEmpty()) {
            return;
        }
        BrokerDirectories known = own.get().directories();
        Set<DirectoryId> gone = failed.get();
        BrokerDirectories wanted = known.reported(
                List.copyOf(gone), List.copyOf(full.now()), own.get().lastUnfencedEpoch());
        if (!wanted.equals(known)) {
            isAsking = true;
            session.submit(new MetadataCommand.ReportDirectories(own.get().ref(), List.copyOf(gone), wanted.full()))
                    // Whatever became of it: the next look sees it in the metadata.
                    .whenComplete((reply, failure) -> loop.execute(() -> isAsking = false));
        }
    }
}
