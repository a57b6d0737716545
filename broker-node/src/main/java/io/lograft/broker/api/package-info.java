/**
 * The gRPC services of a broker, one class for each service of the .proto files: they decode, validate and hand over,
 * and decide nothing. Callbacks come on network threads and never block.
 */
package io.lograft.broker.api;
