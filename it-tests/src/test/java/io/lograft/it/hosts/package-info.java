/**
 * Machines of our own: network namespaces behind one bridge, with faults between them. {@link io.lograft.it.hosts.Hosts}
 * is the entry. Needs root, iproute2 and iptables; bin/test leaves the tests that are tagged "root" out elsewhere. For
 * one thread.
 */
package io.lograft.it.hosts;
