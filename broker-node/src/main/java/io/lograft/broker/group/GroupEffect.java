package io.lograft.broker.group;

import java.util.List;

/** What a shard wants done, in order. */
public sealed interface GroupEffect {

    /** Append these records as one batch. The shard has replayed them already. */
    record Append(List<GroupRecord> records) implements GroupEffect {
        public Append {
            records = List.copyOf(records);
        }
    }

    /** Answer the request once everything that was appended before is committed. Each request is answered once. */
    record Reply(long requestId, GroupReply reply) implements GroupEffect {}
}
