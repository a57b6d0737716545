/**
 * What administrators ask about leadership: elections, draining, and which brokers take part.
 *
 * <p>{@link io.lograft.broker.api.leadership.LeadershipOperations} answers; {@link
 * io.lograft.broker.api.leadership.FencingHistory} remembers when brokers came and went. Decode, validate, hand over to
 * the controller: what is allowed is decided by {@code metadata.control}. Uses {@code api} and the metadata's images and
 * commands. Safe for use by several threads.
 */
package io.lograft.broker.api.leadership;
