package io.lograft.broker.cluster;

import com.google.protobuf.ByteString;
import io.lograft.metadata.codec.RecordCodec;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.proto.v1.SessionResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * The newest image that this broker has. It only moves forward: an older one, from a controller that trails, is not
 * taken. Also knows who waits for an index to be reached.
 *
 * <p>Owned by: metadata loop; the image may be read by any thread.
 */
final class ImageKeeper {

    /** What became of a message. */
    enum Outcome {
        /** The image is newer now. */
        APPLIED,
        /** More parts of the image are to come, or there was nothing new. */
        UNCHANGED,
        /** Changes are missing in between, or the controller is behind: the session must be opened anew. */
        OUT_OF_STEP
    }

    private record Waiter(long index, Runnable task) {}

    private final List<ImageListener> listeners = new ArrayList<>();
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>(Comparator.comparingLong(Waiter::index));
    private final List<MetadataRecord> parts = new ArrayList<>();
    private volatile ClusterImage image = ClusterImage.empty();

    ClusterImage image() {
        return image;
    }

    /** The listener is told of the present image at once, if there is one. */
    void addListener(ImageListener listener) {
        listeners.add(listener);
        if (image.index() > 0) {
            listener.imageChanged(ClusterImage.empty(), image, Optional.empty());
        }
    }

    /** Runs the task as soon as the image has that index; at once where it has. */
    void whenCaughtUp(long index, Runnable task) {
        if (image.index() >= index) {
            task.run();
        } else {
            waiters.add(new Waiter(index, task));
        }
    }

    /** A new stream begins: parts that came on the one before are worth nothing. */
    void restart() {
        parts.clear();
    }

    Outcome take(SessionResponse.ImagePart part) {
        for (ByteString record : part.getRecordsList()) {
            parts.add(RecordCodec.fromBytes(record.toByteArray()));
        }
        if (!part.getLast()) {
            return Outcome.UNCHANGED;
        }
        List<MetadataRecord> records = List.copyOf(parts);
        parts.clear();
        if (part.getIndex() == image.index()) {
            return Outcome.UNCHANGED;
        }
        if (part.getIndex() < image.index()) {
            return Outcome.OUT_OF_STEP;
        }
        become(ClusterImage.empty().apply(part.getIndex(), records), Optional.empty());
        return Outcome.APPLIED;
    }

    Outcome take(SessionResponse.Change change) {
        if (change.getIndex() <= image.index()) {
            return Outcome.UNCHANGED;
        }
        if (change.getPreviousIndex() != image.index()) {
            return Outcome.OUT_OF_STEP;
        }
        List<MetadataRecord> records = new ArrayList<>(change.getRecordsCount());
        for (ByteString record : change.getRecordsList()) {
            records.add(RecordCodec.fromBytes(record.toByteArray()));
        }
        become(image.apply(change.getIndex(), records), Optional.of(List.copyOf(records)));
        return Outcome.APPLIED;
    }

    private void become(ClusterImage next, Optional<List<MetadataRecord>> records) {
        ClusterImage before = image;
        image = next;
        for (ImageListener listener : listeners) {
            listener.imageChanged(before, next, records);
        }
        while (!waiters.isEmpty() && waiters.peek().index() <= next.index()) {
            waiters.poll().task().run();
        }
    }
}
