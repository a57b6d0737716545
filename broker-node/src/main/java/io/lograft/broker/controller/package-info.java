/**
 * What a broker does while it is the controller: it keeps the sessions of all brokers, decides which of them live, and
 * sends them every change of the metadata.
 *
 * <p>{@link io.lograft.broker.controller.BrokerLiveness} decides; it is pure and knows neither clock nor network.
 */
package io.lograft.broker.controller;
