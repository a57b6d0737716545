/**
 * The Java SDK: {@link io.lograft.client.Lograft} connects, and hands out producers, consumers and the admin client.
 *
 * <p>This package is the whole public API; everything in {@code client.core} and {@code client.transport} may change
 * without notice. Each type says how it is used from several threads and how it is closed. May use both of those
 * packages, the model and the wire mapping.
 */
package io.lograft.client;
