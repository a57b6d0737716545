/**
 * The HTTP port for people and monitoring: {@link io.lograft.broker.http.HttpEndpoints} serves health, readiness and
 * metrics with the JDK's own server.
 */
package io.lograft.broker.http;
