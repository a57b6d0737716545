package io.lograft.broker.api;

import io.lograft.metadata.command.CommandReply;
import io.lograft.metadata.command.MetadataCommand;
import java.util.concurrent.CompletableFuture;

/** The way to the controller. Safe for use by several threads. */
public interface CommandSubmitter {

    /**
     * Hands a command to the controller. Completes once the change is committed and this broker has applied it; never
     * exceptionally: what the controller did not carry out is a refusal in the reply.
     */
    CompletableFuture<CommandReply> submit(MetadataCommand command);
}
