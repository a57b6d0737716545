package io.lograft.broker.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.lograft.broker.api.ProduceLimits;
import io.lograft.broker.api.ProduceServiceApi;
import io.lograft.proto.v1.ProduceBatch;
import io.lograft.proto.v1.ProduceRequest;
import java.util.concurrent.CompletableFuture;

/** Batches of producers, from the bytes to the log of a leader and back. See {@link FuzzedService}. */
public final class ProduceRequestFuzz {
    private static final int EXPANDED_BYTES_MAX = 16 << 20;
    private static final ProduceLimits LIMITS =
            new ProduceLimits(FuzzedBroker.BATCH_BYTES_MAX, 2L * FuzzedBroker.BATCH_BYTES_MAX, 30_000, 300_000);

    private ProduceRequestFuzz() {}

    public static void fuzzerTestOneInput(byte[] input) {
        FuzzChecks.withinMemory(input.length, EXPANDED_BYTES_MAX, () -> {
            try (FuzzedBroker broker = new FuzzedBroker()) {
                ProduceServiceApi service = new ProduceServiceApi(
                        new ProduceServiceApi.Environment(
                                broker.registry(), FuzzedBroker.facts(), LIMITS, broker.loops()),
                        () -> CompletableFuture.completedFuture(1L));
                new FuzzedService(service.bindService(), broker::settle).call(input, ProduceRequestFuzz::repair);
                broker.checkLogs();
            }
        });
    }

    /** Each batch that has an odd number gets the checksum that it should have. */
    private static byte[] repair(byte[] message) {
        ProduceRequest.Builder request;
        try {
            request = ProduceRequest.parseFrom(message).toBuilder();
        } catch (InvalidProtocolBufferException malformed) {
            return message;
        }
        for (ProduceBatch.Builder batch : request.getBatchesBuilderList()) {
            if ((batch.getCorrelationId() & 1) == 1) {
                byte[] records = batch.getRecords().toByteArray();
                RecordBatchFuzz.repair(records);
                batch.setRecords(ByteString.copyFrom(records));
            }
        }
        return request.build().toByteArray();
    }
}
