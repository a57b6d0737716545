package io.lograft.broker.dump.format;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Bytes as JSON can have them: as text where they are UTF-8, else in Base64.
 *
 * @param text null for null
 * @param encoding {@code utf8} or {@code base64}; null for null
 */
record Binary(String text, String encoding) {
    static Binary of(byte[] bytes) {
        if (bytes == null) {
            return new Binary(null, null);
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return new Binary(text, "utf8");
        } catch (CharacterCodingException notText) {
            return new Binary(Base64.getEncoder().encodeToString(bytes), "base64");
        }
    }
}
