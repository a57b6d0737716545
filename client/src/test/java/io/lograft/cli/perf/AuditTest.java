package io.lograft.cli.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class AuditTest {
    private final PerfPayload payload = new PerfPayload();

    @Test
    void denseOffsetsAreClean() {
        OffsetAudit audit = new OffsetAudit(new long[] {5, 0});
        audit.read(0, 5);
        audit.read(1, 0);
        audit.read(0, 6);

        assertThat(audit.leftOut()).isZero();
        assertThat(audit.repeated()).isZero();
    }

    @Test
    void gapsAndRepeatsAreCounted() {
        OffsetAudit audit = new OffsetAudit(new long[] {5});
        audit.read(0, 7);
        audit.read(0, 7);
        audit.read(0, 6);
        audit.read(0, 10);

        assertThat(audit.leftOut()).isEqualTo(4);
        assertThat(audit.repeated()).isEqualTo(2);
    }

    @Test
    void allValuesOnceAndInOrderPerPartitionAreClean() {
        PayloadAudit audit = new PayloadAudit(2);
        audit.read(0, value(1, 1));
        audit.read(1, value(1, 0));
        audit.read(0, value(1, 2));
        audit.read(0, value(2, 0));

        assertThat(audit.isClean()).isTrue();
        assertThat(audit.missing()).isZero();
        assertThat(audit.runCount()).isEqualTo(2);
    }

    @Test
    void eachKindOfFaultIsCounted() {
        PayloadAudit audit = new PayloadAudit(2);
        audit.read(0, value(1, 4));
        audit.read(1, value(1, 4));
        audit.read(0, value(1, 3));
        audit.read(0, ByteBuffer.wrap(new byte[20]));
        audit.read(0, null);

        assertThat(audit.duplicates()).isEqualTo(1);
        assertThat(audit.outOfOrder()).isEqualTo(1);
        assertThat(audit.corrupt()).isEqualTo(2);
        assertThat(audit.missing()).isEqualTo(3);
        assertThat(audit.isClean()).isFalse();
    }

    private ByteBuffer value(int run, long sequence) {
        byte[] value = new byte[24];
        payload.write(run, sequence, value);
        return ByteBuffer.wrap(value);
    }
}
