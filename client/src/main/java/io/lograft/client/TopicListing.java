package io.lograft.client;

import io.lograft.model.TopicId;

/**
 * A topic in a list.
 *
 * <pre>{@code
 * admin.listTopics().forEach(topic -> System.out.println(topic.name()));
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param isInternal made by the cluster for its own use
 */
public record TopicListing(String name, TopicId id, int partitionCount, int replicationFactor, boolean isInternal) {}
