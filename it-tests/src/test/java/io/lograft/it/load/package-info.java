/**
 * Records that can be told apart, written and read while the brokers suffer, and the audit of what became of them.
 * {@link io.lograft.it.load.RecordLoad} is the entry: producers and watching consumers on threads of their own, which
 * meet in one {@link io.lograft.it.load.Ledger}. Knows clients only, no brokers.
 */
package io.lograft.it.load;
