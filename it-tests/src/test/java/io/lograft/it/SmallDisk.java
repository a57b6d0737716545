package io.lograft.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.it.hosts.Commands;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A small ext4 file system of its own, from an image file, mounted at a directory. Needs root and a loop device. */
final class SmallDisk implements AutoCloseable {
    private static final int BLOCK_BYTES = 64 << 10;

    private final Path image;
    private final Path mountPoint;

    private SmallDisk(Path image, Path mountPoint) {
        this.image = image;
        this.mountPoint = mountPoint;
    }

    /** Empty where this machine does not let us mount one. */
    static Optional<SmallDisk> mount(Path image, Path mountPoint, int megabytes) throws IOException {
        Files.createDirectories(mountPoint);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((long) megabytes << 20);
        }
        boolean isMounted = Commands.succeed("mkfs.ext4", "-q", "-m", "0", "-F", image.toString())
                && Commands.succeed("mount", "-o", "loop", image.toString(), mountPoint.toString());
        return isMounted ? Optional.of(new SmallDisk(image, mountPoint)) : Optional.empty();
    }

    /** Fills it to the end with a file that is not ours; returns the file. */
    Path fill() throws IOException {
        Path file = Files.createTempFile(mountPoint, "foreign", null);
        byte[] block = new byte[BLOCK_BYTES];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
        return file;
    }

    /** From now on every write to it fails, as on a disk that breaks. */
    void breakDown() {
        Commands.run("mount", "-o", "remount,abort", mountPoint.toString());
    }

    /** Another start of the same disk, sound again; nobody may use it meanwhile. */
    void repair() {
        Commands.run("umount", mountPoint.toString());
        Commands.run("mount", "-o", "loop", image.toString(), mountPoint.toString());
    }

    @Override
    public void close() {
        Commands.run("umount", "-l", mountPoint.toString());
    }
}
