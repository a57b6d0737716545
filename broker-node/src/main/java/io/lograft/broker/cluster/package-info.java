/**
 * The cluster as this broker sees it. {@link io.lograft.broker.cluster.BrokerSession} keeps the stream to the
 * controller, and the image that comes down it; {@link io.lograft.broker.cluster.ReplicaFeed} brings this
 * broker's replicas to what the image says, and {@link io.lograft.broker.cluster.MetadataProposals} takes what replicas
 * propose to the controller.
 *
 * <p>Everything belongs to one event loop, the metadata loop; network callbacks only hand over to it. Listeners are
 * called on it and must not block. The image itself is immutable and may be read by any thread.
 */
package io.lograft.broker.cluster;
