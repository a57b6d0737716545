/**
 * Consumer groups whose members are processes of their own: killed, added and sent away while records are written.
 * {@link io.lograft.it.group.MemberProcess} runs a member and notes what it says in a {@link
 * io.lograft.it.group.GroupAudit}, which knows every record that anybody read and every offset that was committed.
 */
package io.lograft.it.group;
