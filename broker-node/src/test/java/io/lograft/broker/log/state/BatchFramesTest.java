package io.lograft.broker.log.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.record.BatchBuilder;
import io.lograft.record.BatchHeader;
import io.lograft.record.BatchOptions;
import io.lograft.record.Compression;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

final class BatchFramesTest {

    /** What follows it would have a negative offset, and so would the end of the log. */
    @Test
    void noBatchReachesBeyondTheLastOffsetThereIs() {
        assertThat(damageAt(Long.MAX_VALUE - 2)).isNull();
        assertThat(damageAt(Long.MAX_VALUE - 1)).contains("" + (Long.MAX_VALUE - 1));
        assertThat(damageAt(Long.MAX_VALUE)).contains("" + Long.MAX_VALUE);
    }

    private static String damageAt(long baseOffset) {
        BatchBuilder builder = new BatchBuilder(100);
        builder.append(1, null, new byte[1]);
        builder.append(1, null, new byte[1]);
        ByteBuffer batch = ByteBuffer.wrap(builder.build(BatchOptions.plain(Compression.NONE)))
                .putLong(BatchHeader.BASE_OFFSET_POSITION, baseOffset)
                .putInt(BatchHeader.LEADER_EPOCH_POSITION, 0);
        return BatchFrames.readAll(batch, baseOffset, 0, new ArrayList<>());
    }
}
