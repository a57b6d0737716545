/**
 * Faults of processes, networks, disks and files, one after the other under a load of producers and consumers, and the
 * soak, which draws them at random. {@link io.lograft.it.faults.FaultKind} lists the faults of processes and networks.
 */
package io.lograft.it.faults;
