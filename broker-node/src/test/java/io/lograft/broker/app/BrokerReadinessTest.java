package io.lograft.broker.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.model.BrokerId;
import org.junit.jupiter.api.Test;

class BrokerReadinessTest {
    private final BrokerReadiness readiness = new BrokerReadiness(new BrokerId(4));

    @Test
    void isNotReadyBeforeItIsLetInNorWhileItHasNoController() {
        assertThat(readiness.readiness().isFine()).isFalse();
        assertThat(readiness.ready()).as("it is news").isTrue();
        assertThat(readiness.ready()).isFalse();
        assertThat(readiness.readiness().isFine()).isTrue();
        readiness.notReady("no session with the controller");
        assertThat(readiness.readiness().text()).isEqualTo("no session with the controller");
        assertThat(readiness.health().isFine()).as("it works all the same").isTrue();
    }

    @Test
    void staysNotReadyOnceItStops() {
        readiness.stopping();
        assertThat(readiness.ready()).isFalse();
        assertThat(readiness.readiness().text()).isEqualTo("stopping");
    }

    @Test
    void staysBrokenOnceItIs() {
        readiness.broken("DUPLICATE_BROKER_ID: taken");
        assertThat(readiness.ready()).isFalse();
        assertThat(readiness.health().isFine()).isFalse();
        assertThat(readiness.readiness().text()).contains("DUPLICATE_BROKER_ID");
    }
}
