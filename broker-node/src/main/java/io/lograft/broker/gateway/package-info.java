/**
 * The simple API: plain records for clients with nothing but generated code, at any broker.
 *
 * <p>{@link io.lograft.broker.gateway.LogServiceApi} is the gRPC service; it reaches leaders by the Java SDK, as a client
 * of its own broker. gRPC callbacks check and hand over; what waits runs on virtual threads, a bounded number of them.
 * May use the SDK, the wire mapping and {@code concurrent}, and nothing else of the broker.
 */
package io.lograft.broker.gateway;
