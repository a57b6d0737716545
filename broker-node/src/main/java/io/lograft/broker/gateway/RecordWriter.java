package io.lograft.broker.gateway;

import io.lograft.client.ProducerRecord;
import io.lograft.model.ErrorCode;

/** Takes the records of one stream, with acks=all. Used by one thread; the answers come on any. */
interface RecordWriter extends AutoCloseable {

    /** Is told once what became of a record. Must not block. */
    interface Answer {
        void written(RecordGateway.Written written);

        void failed(ErrorCode code, String message);
    }

    /**
     * Takes a record; waits while too much is under way. Records of one partition are written in the order in which they
     * were given.
     *
     * @param sequence of a named producer; without a name it says nothing
     */
    void write(ProducerRecord record, long sequence, Answer answer) throws InterruptedException;

    /** Gives up what is not answered, if the writer is of a named producer. */
    @Override
    void close();
}
