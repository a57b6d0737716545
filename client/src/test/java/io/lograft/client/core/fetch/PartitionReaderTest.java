package io.lograft.client.core.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionReaderTest {

    @Test
    void dataForAnEarlierReaderOfThePartitionDoNotPassForItsOwn() {
        PartitionReader earlier = new PartitionReader(null, 1L << 32);
        PartitionReader later = new PartitionReader(null, 2L << 32);
        List<ReaderEffect> effects = new ArrayList<>();
        for (PartitionReader reader : List.of(earlier, later)) {
            reader.on(new ReaderEvent.LeaderIs(1, 5), 0, effects);
            reader.on(new ReaderEvent.Seek(100, -1), 0, effects);
        }
        assertThat(effects).hasSize(2).allMatch(ReaderEffect.Assign.class::isInstance);
        later.on(new ReaderEvent.Fetched(earlier.number(), 200, 5), 0, effects);
        effects.clear();

        later.on(new ReaderEvent.LeaderIs(2, 6), 0, effects);

        assertThat(effects.get(1)).isEqualTo(new ReaderEffect.Assign(2, 100, 6, -1, later.number()));
    }

    @Test
    void aPositionThatAnotherOneReadUpToNamesTheEpochOfItsLastRecord() {
        PartitionReader reader = new PartitionReader(null, 0);
        List<ReaderEffect> effects = new ArrayList<>();
        reader.on(new ReaderEvent.LeaderIs(1, 5), 0, effects);
        reader.on(new ReaderEvent.Seek(100, 3), 0, effects);

        assertThat(effects).containsExactly(new ReaderEffect.Assign(1, 100, 5, 3, reader.number()));
    }
}
