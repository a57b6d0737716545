package io.lograft.record.codec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;

/** Leaves bytes as they are. */
public final class NoCodec implements Codec {

    @Override
    public int levelMin() {
        return 0;
    }

    @Override
    public int levelMax() {
        return 0;
    }

    @Override
    public int levelDefault() {
        return 0;
    }

    @Override
    public void compress(byte[] bytes, int position, int size, int level, ByteArrayOutputStream sink) {
        sink.write(bytes, position, size);
    }

    @Override
    public InputStream reader(byte[] bytes, int position, int size) {
        return new ByteArrayInputStream(bytes, position, size);
    }
}
