/**
 * The state of the cluster as an immutable value.
 *
 * <p>Start at {@link io.lograft.metadata.image.ClusterImage}. A change makes a new image that shares with the old one
 * what did not change; images can be read from any thread, and are published by one volatile write. This package uses
 * {@code metadata.command}, {@code io.lograft.model} and the persistent collections.
 */
package io.lograft.metadata.image;
