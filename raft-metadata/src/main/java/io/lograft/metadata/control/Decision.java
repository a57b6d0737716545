package io.lograft.metadata.control;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.model.ErrorCode;
import java.util.List;

/** What a command leads to: the records that it changes (none, where it is refused), and the reply. */
public record Decision(List<MetadataRecord> records, CommandReply reply) {
    public Decision {
        records = List.copyOf(records);
    }

    static Decision refused(ErrorCode error, String message) {
        return new Decision(List.of(), CommandReply.refused(error, message));
    }
}
