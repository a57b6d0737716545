package io.lograft.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.BrokerAddress;
import io.lograft.metadata.command.BrokerDirectories;
import io.lograft.metadata.command.BrokerRef;
import io.lograft.metadata.command.MetadataRecord;
import io.lograft.metadata.image.ClusterImage;
import io.lograft.model.BrokerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class BrokerLivenessTest {
    private static final BrokerRef ONE = new BrokerRef(new BrokerId(1), 10);
    private static final BrokerRef TWO = new BrokerRef(new BrokerId(2), 20);

    private final BrokerLiveness liveness = new BrokerLiveness(LivenessSettings.of(3_000, 300));
    private final List<LivenessEffect> effects = new ArrayList<>();
    private ClusterImage image = ClusterImage.empty();

    @BeforeEach
    void twoUnfencedBrokers() {
        put(ONE, false, false);
        put(TWO, false, false);
        liveness.elected(image, Optional.empty(), 0, effects);
    }

    @Test
    void aNewControllerGivesEverybodyTheSessionTimeout() {
        liveness.opened(ONE, 100);
        assertThat(fencedAt(2_999)).isEmpty();
        assertThat(fencedAt(3_000)).containsExactly(TWO);
        assertThat(effects).isEmpty();
    }

    @Test
    void theFormerControllerHasTheGraceOnlyAndIsProbed() {
        liveness.elected(image, Optional.of(TWO.id()), 1_000, effects);
        assertThat(effects).containsExactly(new LivenessEffect.Probe(TWO));
        assertThat(liveness.nextDeadlineMs()).isEqualTo(1_300);
        assertThat(fencedAt(1_300)).containsExactly(TWO);
    }

    @Test
    void aFormerControllerThatAnswersHasTheSessionTimeout() {
        liveness.elected(image, Optional.of(TWO.id()), 1_000, effects);
        liveness.answered(TWO, TWO.epoch(), 1_100);
        assertThat(liveness.nextDeadlineMs()).isEqualTo(4_000);
        assertThat(fencedAt(4_000)).containsExactly(ONE);
        assertThat(fencedAt(4_100)).containsExactly(TWO);
    }

    @Test
    void aSilentBrokerIsFencedAfterTheSessionTimeout() {
        openBoth();
        liveness.heard(ONE, 2_000);
        liveness.heard(TWO, 2_500);
        assertThat(liveness.nextDeadlineMs()).isEqualTo(5_000);
        assertThat(fencedAt(5_000)).containsExactly(ONE);
    }

    @Test
    void aBrokenStreamIsProbedAndFencedAfterTheGrace() {
        openBoth();
        liveness.broke(ONE, 1_000, effects);
        assertThat(effects).containsExactly(new LivenessEffect.Probe(ONE));
        assertThat(fencedAt(1_299)).isEmpty();
        assertThat(fencedAt(1_300)).containsExactly(ONE);
    }

    @Test
    void comingBackWithinTheGraceIsEnough() {
        openBoth();
        liveness.broke(ONE, 1_000, effects);
        liveness.opened(ONE, 1_200);
        assertThat(fencedAt(1_300)).isEmpty();
        assertThat(liveness.nextDeadlineMs()).isEqualTo(3_000);
    }

    @Test
    void anAnswerWithTheBrokerEpochGivesTheSessionTimeoutAgain() {
        openBoth();
        liveness.broke(ONE, 1_000, effects);
        liveness.answered(ONE, ONE.epoch(), 1_100);
        liveness.heard(TWO, 2_000);
        assertThat(fencedAt(4_099)).isEmpty();
        assertThat(fencedAt(4_100)).containsExactly(ONE);
    }

    @Test
    void anAnswerOfAnotherProcessMeansThatTheOneProbedIsGone() {
        openBoth();
        liveness.broke(ONE, 1_000, effects);
        liveness.answered(ONE, 0, 1_010);
        assertThat(fencedAt(1_010)).containsExactly(ONE);
    }

    @Test
    void aBrokerAtWhosePortNobodyListensIsFencedAtOnce() {
        openBoth();
        liveness.absent(ONE, 900);
        assertThat(fencedAt(900)).as("its stream is open").isEmpty();
        liveness.broke(ONE, 1_000, effects);
        liveness.absent(ONE, 1_010);
        assertThat(fencedAt(1_010)).containsExactly(ONE);
    }

    @Test
    void aBrokerThatIsBackWhenTheProbeEndsKeepsItsTime() {
        openBoth();
        liveness.broke(ONE, 1_000, effects);
        liveness.opened(ONE, 1_005);
        liveness.absent(ONE, 1_010);
        assertThat(fencedAt(1_300)).isEmpty();
    }

    @Test
    void aDrainingBrokerIsFencedWhenItsStreamEnds() {
        openBoth();
        put(ONE, false, true);
        liveness.changed(image, 500);
        liveness.broke(ONE, 1_000, effects);
        assertThat(effects).isEmpty();
        assertThat(fencedAt(1_000)).containsExactly(ONE);
    }

    @Test
    void allThatAreOverdueAreFencedInOneEffect() {
        openBoth();
        assertThat(fencedAt(9_000)).containsExactly(ONE, TWO);
    }

    @Test
    void fencingIsAskedForAgainUntilTheImageShowsIt() {
        openBoth();
        liveness.heard(TWO, 2_900);
        assertThat(fencedAt(3_000)).containsExactly(ONE);
        assertThat(fencedAt(3_999)).isEmpty();
        assertThat(fencedAt(4_000)).containsExactly(ONE);
        put(ONE, true, false);
        liveness.changed(image, 4_100);
        assertThat(liveness.nextDeadlineMs()).isEqualTo(5_900);
    }

    @Test
    void newsOfAFormerRegistrationAreIgnored() {
        openBoth();
        BrokerRef anew = new BrokerRef(ONE.id(), 30);
        put(anew, true, false);
        liveness.changed(image, 100);
        liveness.opened(anew, 110);
        put(anew, false, false);
        liveness.changed(image, 200);
        liveness.broke(ONE, 300, effects);
        liveness.answered(ONE, 0, 310);
        assertThat(effects).isEmpty();
        assertThat(liveness.holder(ONE.id())).isEqualTo(BrokerLiveness.Holder.LIVE);
        assertThat(fencedAt(3_199)).containsExactly(TWO);
    }

    @Test
    void aFencedBrokerHasNoDeadline() {
        put(ONE, true, false);
        put(TWO, true, false);
        liveness.changed(image, 0);
        assertThat(liveness.nextDeadlineMs()).isEqualTo(BrokerLiveness.NEVER_MS);
        assertThat(fencedAt(100_000)).isEmpty();
    }

    @Test
    void theHolderOfAnIdIsKnownByItsStream() {
        assertThat(liveness.holder(ONE.id())).isEqualTo(BrokerLiveness.Holder.UNKNOWN);
        liveness.opened(ONE, 0);
        assertThat(liveness.holder(ONE.id())).isEqualTo(BrokerLiveness.Holder.LIVE);
        liveness.broke(ONE, 10, effects);
        assertThat(liveness.holder(ONE.id())).isEqualTo(BrokerLiveness.Holder.UNKNOWN);
        put(ONE, true, false);
        liveness.changed(image, 400);
        assertThat(liveness.holder(ONE.id())).isEqualTo(BrokerLiveness.Holder.NONE);
        assertThat(liveness.holder(new BrokerId(9))).isEqualTo(BrokerLiveness.Holder.NONE);
    }

    @Test
    void flappingDelaysUnfencing() {
        for (int flap = 1; flap <= 3; flap++) {
            flap(flap * 1_000L);
            assertThat(liveness.unfenceDelayMs(ONE.id(), flap * 1_000L)).isZero();
        }
        flap(4_000);
        assertThat(liveness.unfenceDelayMs(ONE.id(), 4_000)).isEqualTo(500);
        assertThat(liveness.unfenceDelayMs(ONE.id(), 4_400)).isEqualTo(100);
        flap(5_000);
        assertThat(liveness.unfenceDelayMs(ONE.id(), 5_000)).isEqualTo(1_000);
        for (int flap = 0; flap < 40; flap++) {
            flap(6_000);
        }
        assertThat(liveness.unfenceDelayMs(ONE.id(), 6_000)).isEqualTo(10_000);
        assertThat(liveness.unfenceDelayMs(ONE.id(), 70_000)).isZero();
        assertThat(liveness.unfenceDelayMs(TWO.id(), 6_000)).isZero();
    }

    @Test
    void orderlyStopsAreNoFlapping() {
        for (int stop = 0; stop < 10; stop++) {
            put(ONE, false, true);
            liveness.changed(image, 10);
            put(ONE, true, true);
            liveness.changed(image, 20);
            put(ONE, true, false);
            liveness.changed(image, 30);
            put(ONE, false, false);
            liveness.changed(image, 40);
        }
        assertThat(liveness.unfenceDelayMs(ONE.id(), 50)).isZero();
    }

    private void openBoth() {
        liveness.opened(ONE, 0);
        liveness.opened(TWO, 0);
    }

    private void flap(long nowMs) {
        put(ONE, true, false);
        liveness.changed(image, nowMs);
        put(ONE, false, false);
        liveness.changed(image, nowMs);
    }

    private void put(BrokerRef ref, boolean fenced, boolean draining) {
        image = image.apply(
                image.index() + 1,
                List.of(new MetadataRecord.BrokerRecord(
                        ref.id(),
                        ref.epoch(),
                        new UUID(1, ref.epoch()),
                        new BrokerAddress("host", 1, ""),
                        BrokerDirectories.of(List.of()),
                        fenced,
                        draining,
                        ref.epoch())));
    }

    private List<BrokerRef> fencedAt(long nowMs) {
        List<LivenessEffect> due = new ArrayList<>();
        liveness.tick(nowMs, due);
        return due.isEmpty() ? List.of() : ((LivenessEffect.Fence) due.get(0)).brokers();
    }
}
