/**
 * Threads and how work reaches them: {@link io.lograft.broker.concurrent.EventLoop} is the entry. A loop is one thread
 * with a mailbox and timers; everything mutable in the broker belongs to one loop and is touched only there. Knows
 * nothing of the domain, uses nothing of ours. Besides the application package it is the only one that starts threads.
 */
package io.lograft.broker.concurrent;
