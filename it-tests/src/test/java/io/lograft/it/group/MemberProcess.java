package io.lograft.it.group;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A member in a process of its own, and the thread that notes what it says. For one thread. */
final class MemberProcess implements AutoCloseable {
    private static final int TIMEOUT_S = 60;

    private final String name;
    private final GroupAudit audit;
    private final Process process;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final List<String> unexpected = new ArrayList<>();
    private final Thread listener;

    private MemberProcess(String name, GroupAudit audit, Process process) {
        this.name = name;
        this.audit = audit;
        this.process = process;
        this.listener = Thread.ofPlatform().name("listens to " + name).daemon().start(this::listen);
    }

    /** Starts a process that becomes a member with {@link #join}. */
    static MemberProcess launch(
            String name, GroupAudit audit, String bootstrap, String group, String topic, int sessionMs) {
        try {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:-UsePerfData",
                            "-Xmx96m",
                            "--enable-native-access=ALL-UNNAMED",
                            "--sun-misc-unsafe-memory-access=allow",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            MemberMain.class.getName(),
                            bootstrap,
                            group,
                            topic,
                            Integer.toString(sessionMs))
                    .redirectErrorStream(true)
                    .start();
            return new MemberProcess(name, audit, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void listen() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.equals("ready")) {
                    ready.countDown();
                } else if (line.matches("(assigned|revoked|lost|read|committed|refused|left) .*")) {
                    audit.said(name, line);
                } else {
                    note(line);
                }
            }
        } catch (IOException gone) {
            note("its output ended: " + gone);
        }
    }

    private synchronized void note(String line) {
        unexpected.add(line);
    }

    String name() {
        return name;
    }

    /** What it printed besides what members say. */
    synchronized List<String> unexpected() {
        return List.copyOf(unexpected);
    }

    void awaitReady() throws InterruptedException {
        if (!ready.await(TIMEOUT_S, TimeUnit.SECONDS)) {
            throw new AssertionError(name + " is not ready; it said " + unexpected());
        }
    }

    void join() {
        tell("go");
    }

    /** Has it leave in an orderly way, and waits for that. */
    void leave() throws InterruptedException {
        tell("leave");
        if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS)) {
            throw new AssertionError(name + " does not end");
        }
        listener.join();
    }

    private void tell(String line) {
        try {
            process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new AssertionError(name + " does not listen; it said " + unexpected(), e);
        }
    }

    /** kill -9. Everything that it had said is noted when this returns. */
    void kill() throws InterruptedException {
        // By its handle: the process itself would close its output, with what it said and nobody has read yet.
        process.toHandle().destroyForcibly();
        process.waitFor();
        listener.join();
        audit.killed(name, System.currentTimeMillis());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
