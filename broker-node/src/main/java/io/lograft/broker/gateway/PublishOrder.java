package io.lograft.broker.gateway;

import io.lograft.model.ErrorCode;
import io.lograft.proto.v1.PublishRequest;
import io.lograft.record.NamedProducerId;
import java.util.Map;

/**
 * What the requests of one Publish stream have to keep to as a whole: the name comes first and stays, and sequences rise.
 * Pure; owned by whoever reads the stream.
 */
final class PublishOrder {
    private boolean hasBegun;
    private String producerName = "";
    private long lastSequence;

    /** Why a stream cannot go on. */
    record Breach(ErrorCode code, String message, Map<String, String> details) {}

    /** The name that the stream began with, empty for none. */
    String producerName() {
        return producerName;
    }

    /** Takes note of the next request; answers why it must not come here, null if it may. */
    Breach next(PublishRequest request) {
        if (!hasBegun) {
            hasBegun = true;
            producerName = request.getProducerName();
            if (producerName.length() > NamedProducerId.NAME_LENGTH_MAX) {
                return invalid("producer_name has " + producerName.length() + " characters, at most "
                        + NamedProducerId.NAME_LENGTH_MAX + " are allowed");
            }
        } else if (!request.getProducerName().isEmpty()
                && !request.getProducerName().equals(producerName)) {
            return invalid("producer_name '" + request.getProducerName() + "' on a stream that began with '"
                    + producerName + "'");
        }
        return producerName.isEmpty() ? checkUnnamed(request) : checkSequence(request.getSequence());
    }

    private static Breach checkUnnamed(PublishRequest request) {
        return request.getSequence() == 0
                ? null
                : invalid("sequence " + request.getSequence() + " on a stream without a producer_name");
    }

    private Breach checkSequence(long sequence) {
        if (sequence < 1 || sequence > NamedProducerId.SEQUENCE_MAX) {
            return invalid("sequence " + sequence + " is not in 1.." + NamedProducerId.SEQUENCE_MAX);
        }
        if (sequence <= lastSequence) {
            return new Breach(
                    ErrorCode.OUT_OF_ORDER_SEQUENCE,
                    "sequence " + sequence + " after " + lastSequence + "; sequences of a stream have to rise",
                    Map.of("sequence", Long.toString(sequence), "last_sequence", Long.toString(lastSequence)));
        }
        lastSequence = sequence;
        return null;
    }

    private static Breach invalid(String message) {
        return new Breach(ErrorCode.INVALID_REQUEST, message, Map.of());
    }
}
