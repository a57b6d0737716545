package io.lograft.cli.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Resident memory of a process, as Linux tells it. */
final class ProcessMemory {
    private ProcessMemory() {}

    /** Bytes of memory that the process occupies, -1 where the system does not say. */
    static long residentBytes(long pid) {
        Path file = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.isReadable(file)) {
            return -1;
        }
        try {
            return parse(Files.readString(file));
        } catch (IOException e) {
            return -1; // The process ended meanwhile.
        }
    }

    /** Reads the line {@code VmRSS: 123 kB}. */
    static long parse(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .map(line -> line.replaceAll("[^0-9]", ""))
                .filter(digits -> !digits.isEmpty())
                .mapToLong(digits -> Long.parseLong(digits) * 1024)
                .findFirst()
                .orElse(-1);
    }
}
