/**
 * The disk as the log sees it: the port {@link io.lograft.broker.log.io.FileStore} with its files, the real
 * {@link io.lograft.broker.log.io.NioFileStore}, and the small text files that are replaced as a whole. The only package
 * that touches {@code java.nio.file} and {@code FileChannel}. Tests and the simulator use a store in memory that loses
 * what was not forced, and fails on request; both pass the same contract test.
 *
 * <p>Stores and files may be used from any thread; who may write a file at which time is the caller's affair. Uses
 * nothing of ours.
 */
package io.lograft.broker.log.io;
