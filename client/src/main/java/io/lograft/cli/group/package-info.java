/**
 * {@code group …}: consumer groups, how far they are behind, and what an operator does about it. {@link
 * io.lograft.cli.group.GroupCommand} is the entry. Runs on the main thread; uses the public SDK only.
 */
package io.lograft.cli.group;
