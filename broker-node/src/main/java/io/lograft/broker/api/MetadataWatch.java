package io.lograft.broker.api;

import io.grpc.stub.ServerCallStreamObserver;
import io.lograft.metadata.image.BrokerImage;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.metadata.image.TopicImage;
import io.lograft.proto.v1.WatchMetadataRequest;
import io.lograft.proto.v1.WatchMetadataResponse;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * One client that is told of changes. Sends the difference between what it sent last and what is true now, so a slow
 * client skips what is between and nothing queues up for it.
 *
 * <p>Owned by: metadata loop.
 */
final class MetadataWatch {
    private final ClusterState state;
    private final ServerCallStreamObserver<WatchMetadataResponse> client;
    private final long knownIndex;
    /** Empty for all. */
    private final Set<String> topics;

    private ClusterImage sent;
    private int sentController = -1;

    MetadataWatch(
            ClusterState state, WatchMetadataRequest request, ServerCallStreamObserver<WatchMetadataResponse> client) {
        this.state = state;
        this.client = client;
        this.knownIndex = request.getKnownIndex();
        this.topics = new HashSet<>(request.getTopicsList());
    }

    /** Sends what is new, if the client takes it now. */
    void update() {
        ClusterImage now = state.image();
        if (!client.isReady() || client.isCancelled() || now.index() < knownIndex || now.index() == 0) {
            return;
        }
        int controller = state.controller().map(id -> id.value()).orElse(-1);
        if (sent == null) {
            client.onNext(full(now, controller));
        } else if (sent.index() != now.index() || controller != sentController) {
            WatchMetadataResponse.Builder change = change(now, controller);
            if (hasNews(change) || controller != sentController) {
                client.onNext(change.build());
            }
        }
        sent = now;
        sentController = controller;
    }

    private WatchMetadataResponse full(ClusterImage now, int controller) {
        WatchMetadataResponse.Builder message = message(now, controller).setFull(true);
        for (BrokerImage broker : now.brokers().values()) {
            message.addBrokers(ImageMessages.broker(broker, state));
        }
        for (TopicImage topic : now.topics()) {
            if (isWatched(topic.name())) {
                message.addTopics(ImageMessages.topic(topic));
            }
        }
        return message.build();
    }

    private WatchMetadataResponse.Builder change(ClusterImage now, int controller) {
        WatchMetadataResponse.Builder message = message(now, controller);
        for (BrokerImage broker : now.brokers().values()) {
            boolean isRoleChanged = controller != sentController
                    && (broker.id().value() == controller || broker.id().value() == sentController);
            if (isRoleChanged || !broker.equals(sent.brokers().get(broker.id()))) {
                message.addBrokers(ImageMessages.broker(broker, state));
            }
        }
        for (TopicImage topic : now.topics()) {
            // An image shares with the one before what did not change, so most comparisons end at once.
            TopicImage before = sent.topic(topic.id()).orElse(null);
            if (isWatched(topic.name()) && !Objects.equals(topic, before)) {
                message.addTopics(ImageMessages.topic(topic));
            }
        }
        for (String name : sent.topicIdsByName().keySet()) {
            if (isWatched(name) && !now.topicIdsByName().containsKey(name)) {
                message.addRemovedTopics(name);
            }
        }
        return message;
    }

    private static WatchMetadataResponse.Builder message(ClusterImage now, int controller) {
        return WatchMetadataResponse.newBuilder()
                .setIndex(now.index())
                .setClusterId(now.clusterId())
                .setControllerId(controller);
    }

    private static boolean hasNews(WatchMetadataResponse.Builder change) {
        return change.getBrokersCount() + change.getTopicsCount() + change.getRemovedTopicsCount() > 0;
    }

    private boolean isWatched(String topic) {
        return topics.isEmpty() || topics.contains(topic);
    }
}
