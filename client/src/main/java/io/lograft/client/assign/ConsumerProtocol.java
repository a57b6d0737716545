package io.lograft.client.assign;

import io.lograft.model.TopicPartition;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The bytes in which members of a classic group tell their subscriptions and get their assignments: Kafka's consumer
 * protocol. The coordinator passes them on without a look. All numbers are big-endian; a string is its length as int16
 * and UTF-8; an array is its length as int32 and the elements; bytes that may be absent are their length as int32, -1
 * where absent.
 *
 * <pre>{@code
 * subscription: version int16, topics [string], user data bytes
 *               from version 1: owned [topic string, partitions [int32]]
 *               from version 2: generation int32 (-1: none)
 *               from version 3: rack string (length -1: none)
 * assignment:   version int16, partitions [topic string, partitions [int32]], user data bytes
 * }</pre>
 *
 * <p>A reader takes what it knows and ignores what follows, so that a later version of the other side is understood.
 * Stateless.
 */
public final class ConsumerProtocol {
    /** The newest version of a subscription. */
    public static final int SUBSCRIPTION_VERSION = 3;

    /** The newest version of an assignment. Versions differ in nothing but the number. */
    public static final int ASSIGNMENT_VERSION = 3;

    private static final int STRING_BYTES_MAX = Short.MAX_VALUE;

    private ConsumerProtocol() {}

    /** Subscription bytes of the newest version. The instance id is not in them; it goes with the request to join. */
    public static byte[] subscription(MemberSubscription subscription) {
        return subscription(subscription, SUBSCRIPTION_VERSION);
    }

    /** Subscription bytes for members that know this version only, 0 to 3. */
    public static byte[] subscription(MemberSubscription subscription, int version) {
        checkVersion(version, SUBSCRIPTION_VERSION);
        Output out = new Output();
        out.int16(version);
        out.int32(subscription.topics().size());
        new TreeSet<>(subscription.topics()).forEach(out::string);
        out.int32(-1);
        if (version >= 1) {
            out.partitions(subscription.owned());
        }
        if (version >= 2) {
            out.int32(subscription.generation().orElse(-1));
        }
        if (version >= 3) {
            out.int16(-1);
        }
        return out.bytes();
    }

    /** The subscription in the bytes; throws IllegalArgumentException where they are none. */
    public static MemberSubscription subscription(byte[] bytes) {
        Input in = new Input(bytes, "subscription");
        try {
            int version = in.version();
            int topicCount = in.count();
            TreeSet<String> topics = new TreeSet<>();
            for (int i = 0; i < topicCount; i++) {
                topics.add(in.string());
            }
            in.skipBytes();
            List<TopicPartition> owned = version >= 1 ? in.partitions() : List.of();
            int generation = version >= 2 ? in.int32() : -1;
            return new MemberSubscription(
                    topics, owned, generation < 0 ? Optional.empty() : Optional.of(generation), Optional.empty());
        } catch (BufferUnderflowException e) {
            throw in.cutOff(e);
        }
    }

    /** Assignment bytes of version 0, which everybody understands. */
    public static byte[] assignment(List<TopicPartition> partitions) {
        return assignment(partitions, 0);
    }

    /** Assignment bytes of a version, 0 to 3. */
    public static byte[] assignment(List<TopicPartition> partitions, int version) {
        checkVersion(version, ASSIGNMENT_VERSION);
        Output out = new Output();
        out.int16(version);
        out.partitions(partitions);
        out.int32(-1);
        return out.bytes();
    }

    /** The partitions in assignment bytes; none where there are no bytes; IllegalArgumentException where they are none. */
    public static List<TopicPartition> assignment(byte[] bytes) {
        if (bytes.length == 0) {
            return List.of();
        }
        Input in = new Input(bytes, "assignment");
        try {
            in.version();
            return in.partitions();
        } catch (BufferUnderflowException e) {
            throw in.cutOff(e);
        }
    }

    private static void checkVersion(int version, int newest) {
        if (version < 0 || version > newest) {
            throw new IllegalArgumentException("version " + version + " is not 0 to " + newest);
        }
    }

    /** Bytes as they are written, growing. */
    private static final class Output {
        private ByteBuffer buffer = ByteBuffer.allocate(256);

        private ByteBuffer room(int bytes) {
            if (buffer.remaining() < bytes) {
                int needed = Math.max(2 * buffer.capacity(), buffer.position() + bytes);
                buffer = ByteBuffer.allocate(needed).put(buffer.flip());
            }
            return buffer;
        }

        private void int16(int value) {
            room(Short.BYTES).putShort((short) value);
        }

        private void int32(int value) {
            room(Integer.BYTES).putInt(value);
        }

        private void string(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            if (utf8.length > STRING_BYTES_MAX) {
                throw new IllegalArgumentException(
                        "a string of " + utf8.length + " bytes; at most " + STRING_BYTES_MAX + " are allowed");
            }
            int16(utf8.length);
            room(utf8.length).put(utf8);
        }

        /** Topic by topic, in order. */
        private void partitions(List<TopicPartition> partitions) {
            Map<String, List<Integer>> byTopic = new TreeMap<>();
            partitions.stream()
                    .sorted()
                    .forEach(partition -> byTopic.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                            .add(partition.partition()));
            int32(byTopic.size());
            byTopic.forEach((topic, numbers) -> {
                string(topic);
                int32(numbers.size());
                numbers.forEach(this::int32);
            });
        }

        private byte[] bytes() {
            byte[] bytes = new byte[buffer.position()];
            buffer.get(0, bytes);
            return bytes;
        }
    }

    /** Bytes as they are read; a length is never believed beyond what is there. */
    private static final class Input {
        private final ByteBuffer buffer;
        private final String what;

        private Input(byte[] bytes, String what) {
            this.buffer = ByteBuffer.wrap(bytes);
            this.what = what;
        }

        private int version() {
            int version = buffer.getShort();
            return version < 0 ? fail("version " + version) : version;
        }

        private int int32() {
            return buffer.getInt();
        }

        private int count() {
            int count = buffer.getInt();
            // Each element takes two bytes at least.
            return count < 0 || count > buffer.remaining() / 2 ? fail("an array of " + count + " elements") : count;
        }

        private String string() {
            int size = buffer.getShort();
            if (size < 0 || size > buffer.remaining()) {
                fail("a string of " + size + " bytes");
            }
            byte[] utf8 = new byte[size];
            buffer.get(utf8);
            return new String(utf8, StandardCharsets.UTF_8);
        }

        private void skipBytes() {
            int size = buffer.getInt();
            if (size > buffer.remaining()) {
                fail("user data of " + size + " bytes");
            }
            buffer.position(buffer.position() + Math.max(0, size));
        }

        private List<TopicPartition> partitions() {
            List<TopicPartition> partitions = new ArrayList<>();
            int topicCount = count();
            for (int i = 0; i < topicCount; i++) {
                String topic = string();
                int count = count();
                for (int j = 0; j < count; j++) {
                    partitions.add(new TopicPartition(topic, int32()));
                }
            }
            return partitions;
        }

        private int fail(String found) {
            throw new IllegalArgumentException("the bytes are no " + what + ": " + found + " before position "
                    + buffer.position() + " of " + buffer.limit());
        }

        private IllegalArgumentException cutOff(BufferUnderflowException e) {
            return new IllegalArgumentException(
                    "the bytes are no " + what + ": they end after " + buffer.limit() + " bytes", e);
        }
    }
}
