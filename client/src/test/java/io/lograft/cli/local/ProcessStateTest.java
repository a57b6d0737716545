package io.lograft.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProcessStateTest {
    private static ProcessState parse(String state, long flags, int threads) {
        return ProcessState.parse("7196 (java (x)) " + state + " 1 7196 7196 0 -1 " + flags
                + " 123 0 0 0 300 40 0 0 20 0 " + threads + " 0 77 0 0");
    }

    @Test
    void whatIsKilledIsDyingUntilItsLastThreadIsGone() {
        assertThat(parse("S", 4194304, 60)).isEqualTo(ProcessState.RUNNING);
        assertThat(parse("D", 4194304 | 4, 60)).isEqualTo(ProcessState.DYING);
        assertThat(parse("Z", 4194304 | 4, 3)).isEqualTo(ProcessState.DYING);
        assertThat(parse("Z", 4194304 | 4, 1)).isEqualTo(ProcessState.ENDED);
        assertThat(ProcessState.parse("7196 (java")).isEqualTo(ProcessState.RUNNING);
    }

    @Test
    void whoeverNobodyHasAskedForYetHasEnded() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/stat")), "only Linux tells");
        // The first command ends, and the program that takes the shell's place never asks for it.
        Process parent = new ProcessBuilder("sh", "-c", "sleep 0 & echo $!; exec sleep 60").start();
        try {
            long pid;
            try (BufferedReader out = parent.inputReader(StandardCharsets.US_ASCII)) {
                pid = Long.parseLong(out.readLine());
            }
            ProcessHandle child = ProcessHandle.of(pid).orElseThrow();
            ProcessMark mark = ProcessMark.of(child);
            while (ProcessState.of(child) != ProcessState.ENDED) {
                Thread.onSpinWait();
            }
            assertThat(child.isAlive()).isTrue();
            assertThat(mark.find()).isEmpty();
            assertThat(ProcessMark.of(parent.toHandle()).find()).isEqualTo(Optional.of(parent.toHandle()));
        } finally {
            parent.destroyForcibly().waitFor();
        }
    }
}
