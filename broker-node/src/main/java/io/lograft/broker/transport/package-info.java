/**
 * How the broker's gRPC servers and channels are made ({@link io.lograft.broker.transport.GrpcTransport}), how other
 * brokers are reached ({@link io.lograft.broker.transport.PeerChannels}), and the relay that lets a client reach every
 * broker through any one of them. Knows gRPC and addresses, nothing of logs or metadata.
 */
package io.lograft.broker.transport;
