/**
 * The record batch format, on the wire and on disk: version 2 of Kafka's published record batch layout, and the older
 * message formats 0 and 1 for reading. Pure: works on buffers, does no I/O. Broker and client share it.
 */
package io.lograft.record;
