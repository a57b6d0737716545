package io.lograft.broker.group.runtime;

import io.lograft.broker.group.TopicCatalog;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.model.PartitionId;
import io.lograft.model.TopicId;
import java.util.List;
import java.util.Optional;

/** The topics of an image, as groups see them. Immutable, but for the list of names, which is made when it is needed. */
final class ImageCatalog implements TopicCatalog {
    private final ClusterImage image;
    private volatile List<String> names;

    ImageCatalog(ClusterImage image) {
        this.image = image;
    }

    @Override
    public List<String> names() {
        List<String> known = names;
        if (known == null) {
            known = image.topics().stream()
                    .filter(topic -> !topic.internal())
                    .map(TopicImage::name)
                    .sorted()
                    .toList();
            names = known;
        }
        return known;
    }

    @Override
    public Optional<Topic> find(String name) {
        return image.topic(name)
                .filter(topic -> !topic.internal())
                .map(topic ->
                        new Topic(topic.id(), topic.name(), topic.partitions().size()));
    }

    @Override
    public boolean exists(TopicId id) {
        return image.topic(id).isPresent();
    }

    @Override
    public boolean exists(PartitionId partition) {
        return image.topic(partition.topic())
                .filter(topic -> partition.partition() < topic.partitions().size())
                .isPresent();
    }
}
