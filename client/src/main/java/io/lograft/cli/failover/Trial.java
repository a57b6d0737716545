package io.lograft.cli.failover;

import io.lograft.cli.CliFailure;
import io.lograft.cli.Json;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One event under a load: waits for a calm cluster, strikes, waits until all partitions take records again, heals, and
 * waits until every replica is in sync and leads what it should. For one thread.
 */
final class Trial {
    private static final Duration SETTLED_MAX = Duration.ofSeconds(60);
    private static final Duration WRITABLE_MAX = Duration.ofSeconds(60);
    private static final long AFTER_MS = 1_000;

    private final SteadyLoad load;
    private final Observer observer;
    private final long calmMs;

    /** Each event comes {@code calmMs} after the cluster is whole. */
    Trial(SteadyLoad load, Observer observer, long calmMs) {
        this.load = load;
        this.observer = observer;
        this.calmMs = calmMs;
    }

    /** Chooses the fault once the cluster is calm. */
    interface Choice {
        Fault choose() throws IOException;
    }

    /**
     * What happened.
     *
     * @param at when, for those who look into the brokers' logs
     * @param strike from the event to a second after all partitions took records again; for an event that is a whole
     *     procedure, to a second after its end
     * @param strikeMs how long the event itself took
     * @param heal from the start of healing until leadership is back where it belongs; null where there is none
     * @param inSyncMs from the start of healing until every replica was in sync
     */
    record Outcome(
            String victim, Instant at, Window.Figures strike, double strikeMs, Window.Figures heal, Double inSyncMs) {

        long failed() {
            return strike.failed() + strike.undecided() + (heal == null ? 0 : heal.failed() + heal.undecided());
        }

        Map<String, Object> json() {
            Map<String, Object> document =
                    new LinkedHashMap<>(Json.object("victim", victim, "at", at.toString(), "tookMs", strikeMs));
            document.putAll(figures(strike));
            document.put("heal", heal == null ? null : figures(heal));
            document.put("inSyncMs", inSyncMs);
            return document;
        }

        private static Map<String, Object> figures(Window.Figures figures) {
            return Json.object(
                    "writableAfterMs", figures.longestGapMs(),
                    "stalls", figures.stalls().stream().map(Outcome::stall).toList(),
                    "records", figures.records(),
                    "failed", figures.failed() + figures.undecided(),
                    "firstFailure", figures.firstFailure(),
                    "p50Ms", figures.p50Ms(),
                    "p99Ms", figures.p99Ms(),
                    "maxMs", figures.maxMs());
        }

        private static Map<String, Object> stall(Window.Stall stall) {
            return Json.object("partition", stall.partition(), "fromMs", stall.fromMs(), "ms", stall.ms());
        }
    }

    Outcome run(Choice choice) throws IOException, InterruptedException {
        observer.awaitSettled(SETTLED_MAX);
        Fault fault = choice.choose();
        Thread.sleep(calmMs);
        Instant at = Instant.now();
        Window strike = load.begin();
        Window heal = null;
        double strikeMs;
        Double inSyncMs = null;
        boolean isWhole = false;
        try {
            fault.strike();
            long struckNs = System.nanoTime();
            strikeMs = (struckNs - strike.startNs()) / 1e6;
            Observer.await("records on all partitions", WRITABLE_MAX, () -> strike.isWritableSince(struckNs));
            Thread.sleep(AFTER_MS);
            if (fault.isHealed()) {
                heal = load.begin();
                isWhole = true;
                fault.heal();
                observer.awaitInSync(SETTLED_MAX);
                inSyncMs = (System.nanoTime() - heal.startNs()) / 1e6;
                observer.awaitSettled(SETTLED_MAX);
                Thread.sleep(AFTER_MS);
            }
        } finally {
            load.begin();
            if (fault.isHealed() && !isWhole) {
                fault.heal();
            }
        }
        return new Outcome(
                fault.victim(), at, decided(strike), strikeMs, heal == null ? null : decided(heal), inSyncMs);
    }

    private static Window.Figures decided(Window closed) throws InterruptedException {
        SteadyLoad.awaitDecided(closed);
        Window.Figures figures = closed.figures();
        if (figures.records() == 0) {
            throw new CliFailure("INTERNAL", "no record was sent while it happened");
        }
        return figures;
    }
}
