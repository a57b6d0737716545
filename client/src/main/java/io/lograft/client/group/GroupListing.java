package io.lograft.client.group;

/**
 * A group in the list of all groups.
 *
 * <pre>{@code
 * for (GroupListing group : admin.groups().list()) {
 *     System.out.println(group.groupId() + " is " + group.state());
 * }
 * }</pre>
 *
 * <p>Immutable.
 *
 * @param state {@code Empty}, {@code PreparingRebalance}, {@code CompletingRebalance}, {@code Reconciling} or {@code
 *     Stable}
 * @param kind {@code consumer} where the coordinator assigns, {@code classic} where a member does
 * @param coordinator id of the broker that coordinates it
 */
public record GroupListing(String groupId, String state, String kind, int memberCount, int coordinator) {}
