/**
 * Consumer groups as an operator sees them: {@link io.lograft.client.group.Groups}, which {@code Admin.groups()} hands
 * out, lists and describes groups, tells how far they are behind, and moves or deletes their offsets.
 *
 * <p>Public API; may be used by many threads at once. May use {@code client.assign}, {@code client.core}, {@code
 * client.transport}, the model and the wire mapping.
 */
package io.lograft.client.group;
