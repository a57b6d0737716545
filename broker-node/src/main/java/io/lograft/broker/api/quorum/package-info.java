/**
 * The metadata quorum on behalf of administrators: how it is, and who votes in it. {@link
 * io.lograft.broker.api.quorum.QuorumAdmin} is the part of {@code AdminService} that is about it. Called on network
 * threads; knows neither the other services nor who wires them.
 */
package io.lograft.broker.api.quorum;
