package io.lograft.broker.gateway;

import io.lograft.proto.v1.NewRecord;
import io.lograft.proto.v1.PublishOneRequest;
import io.lograft.proto.v1.PublishRequest;

/** What must be true of a record before it is handed on. Pure. */
final class RecordChecks {
    private static final int HEADERS_MAX = 1_000;

    private RecordChecks() {}

    /** What is wrong with the request, null if nothing. */
    static String fault(PublishOneRequest request) {
        String place = placeFault(request.getTopic(), request.hasPartition() ? request.getPartition() : 0);
        return place != null ? place : request.hasRecord() ? fault(request.getRecord()) : "record is missing";
    }

    /** What is wrong with this record of a stream, null if nothing. */
    static String fault(PublishRequest request) {
        String place = placeFault(request.getTopic(), request.hasPartition() ? request.getPartition() : 0);
        return place != null ? place : request.hasRecord() ? fault(request.getRecord()) : "record is missing";
    }

    private static String placeFault(String topic, int partition) {
        if (topic.isEmpty()) {
            return "topic is missing";
        }
        return partition < 0 ? "partition " + partition + " is negative" : null;
    }

    private static String fault(NewRecord record) {
        if (record.getHeadersCount() > HEADERS_MAX) {
            return record.getHeadersCount() + " headers are more than " + HEADERS_MAX;
        }
        return record.getTimestampMs() < 0 ? "timestamp_ms " + record.getTimestampMs() + " is negative" : null;
    }
}
