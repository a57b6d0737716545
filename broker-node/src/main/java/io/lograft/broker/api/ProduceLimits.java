package io.lograft.broker.api;

/**
 * The limits of produce streams.
 *
 * @param batchBytesMax greatest size of one batch ({@code message.max.bytes})
 * @param inFlightBytesMax how many bytes of one stream may wait for their answer before no more is read from it
 * @param timeoutMsDefault for batches that name no time-out
 * @param timeoutMsMax a longer time-out is cut to this
 */
public record ProduceLimits(int batchBytesMax, long inFlightBytesMax, long timeoutMsDefault, long timeoutMsMax) {
    public ProduceLimits {
        if (batchBytesMax < 1 || inFlightBytesMax < batchBytesMax) {
            throw new IllegalArgumentException(
                    "inFlightBytesMax " + inFlightBytesMax + " must hold one batch of " + batchBytesMax + " bytes");
        }
    }
}
