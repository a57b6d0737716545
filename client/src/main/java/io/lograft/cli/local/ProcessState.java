package io.lograft.cli.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How far a process is from its end. After SIGKILL the kernel takes down its memory, which takes a second or more for a
 * large one; until then its ports and files are not free. After that it may stay in the list of processes until its parent
 * asks for it, in a container without an init forever. Both count as alive for the JVM. Source: proc(5).
 */
public enum ProcessState {
    RUNNING,
    /** Killed, but not yet without its files. */
    DYING,
    /** At most its entry in the list is left. */
    ENDED;

    private static final int PF_EXITING = 0x4;
    private static final int STATE = 0;
    private static final int FLAGS = 6;
    private static final int THREADS = 17;

    /** Where the system does not say, a process in the list counts as running. */
    public static ProcessState of(ProcessHandle process) {
        if (!process.isAlive()) {
            return ENDED;
        }
        try {
            return parse(Files.readString(Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.ISO_8859_1));
        } catch (IOException unknown) {
            return process.isAlive() ? RUNNING : ENDED;
        }
    }

    /** Reads the line that Linux has for a process; the name, in parentheses, may contain anything. */
    static ProcessState parse(String line) {
        String[] fields = line.substring(line.lastIndexOf(')') + 1).strip().split(" ", -1);
        if (fields.length <= THREADS) {
            return RUNNING;
        }
        boolean isDead = fields[STATE].equals("Z") || fields[STATE].equals("X");
        if (isDead && Long.parseLong(fields[THREADS]) <= 1) {
            return ENDED;
        }
        return isDead || (Long.parseLong(fields[FLAGS]) & PF_EXITING) != 0 ? DYING : RUNNING;
    }
}
