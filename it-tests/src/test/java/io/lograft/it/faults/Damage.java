package io.lograft.it.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What may happen to a file on a disk. */
enum Damage {
    TRUNCATED {
        @Override
        byte[] apply(byte[] content) {
            return Arrays.copyOf(content, content.length / 2);
        }
    },
    ONE_BYTE_SHORT {
        @Override
        byte[] apply(byte[] content) {
            return Arrays.copyOf(content, content.length - 1);
        }
    },
    EMPTIED {
        @Override
        byte[] apply(byte[] content) {
            return new byte[0];
        }
    },
    ZEROED {
        @Override
        byte[] apply(byte[] content) {
            return new byte[content.length];
        }
    },
    FIRST_BIT_FLIPPED {
        @Override
        byte[] apply(byte[] content) {
            return flipped(content, 0);
        }
    },
    MIDDLE_BIT_FLIPPED {
        @Override
        byte[] apply(byte[] content) {
            return flipped(content, content.length / 2);
        }
    },
    LAST_BIT_FLIPPED {
        @Override
        byte[] apply(byte[] content) {
            return flipped(content, content.length - 1);
        }
    },
    GARBAGE_ADDED {
        @Override
        byte[] apply(byte[] content) {
            byte[] longer = Arrays.copyOf(content, content.length + 777);
            Arrays.fill(longer, content.length, longer.length, (byte) 0xA5);
            return longer;
        }
    },
    DELETED {
        @Override
        byte[] apply(byte[] content) {
            return null;
        }
    };

    /** The file's content afterwards, null for none. */
    abstract byte[] apply(byte[] content);

    /** Damages a file; an empty one is left alone, unless it is deleted or gets longer. */
    void apply(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        if (content.length == 0 && this != DELETED && this != GARBAGE_ADDED) {
            return;
        }
        byte[] damaged = apply(content);
        if (damaged == null) {
            Files.delete(file);
        } else {
            Files.write(file, damaged);
        }
    }

    /** The one that follows by so many, round and round. */
    static Damage number(int number) {
        return values()[Math.floorMod(number, values().length)];
    }

    private static byte[] flipped(byte[] content, int position) {
        byte[] changed = content.clone();
        changed[position] ^= 0x10;
        return changed;
    }
}
