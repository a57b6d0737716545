package io.lograft.metadata.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.metadata.command.CommandReply;
import io.lograft.model.ErrorCode;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicRulesTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "orders", "Orders.v2_final-3", "...", "__consumer_offsets", "0"})
    void legalNames(String name) {
        assertThat(TopicRules.checkName(name)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a b", "a/b", "zürich", "a\n", "a:b", "a\u0000"})
    void illegalNames(String name) {
        CommandReply refusal = TopicRules.checkName(name).orElseThrow();
        assertThat(refusal.error()).isEqualTo(ErrorCode.INVALID_TOPIC_NAME);
        assertThat(refusal.message()).startsWith("'" + name + "'");
    }

    @Test
    void namesHaveAGreatestLength() {
        assertThat(TopicRules.checkName("a".repeat(249))).isEmpty();
        CommandReply refusal = TopicRules.checkName("a".repeat(100_000)).orElseThrow();
        assertThat(refusal.error()).isEqualTo(ErrorCode.INVALID_TOPIC_NAME);
        assertThat(refusal.message()).hasSizeLessThan(300).contains("100000 characters");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '=',
            value = {
                "retention.ms=-1",
                "retention.ms=604800000",
                "retention.bytes=1000",
                "segment.bytes=1048576",
                "segment.ms=1",
                "cleanup.policy=delete",
                "cleanup.policy='compact, delete'",
                "min.insync.replicas=2",
                "flush.mode=os",
                "message.timestamp.type=LogAppendTime",
                "max.message.bytes=1048588",
                "compression.type=producer",
                "min.cleanable.dirty.ratio=0.5"
            })
    void goodSettings(String key, String value) {
        assertThat(check(key, value)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '=',
            value = {
                "retention.ms=-2",
                "retention.ms=a week",
                "retention.ms=''",
                "retention.bytes=99999999999999999999",
                "segment.bytes=0",
                "segment.ms=0",
                "cleanup.policy=forget",
                "cleanup.policy='delete,'",
                "min.insync.replicas=0",
                "flush.mode=COMMIT",
                "message.timestamp.type=now",
                "max.message.bytes=-1",
                "compression.type=zip",
                "min.cleanable.dirty.ratio=1.5"
            })
    void badSettingsAreRefusedWithKeyValueAndWhatIsAllowed(String key, String value) {
        CommandReply refusal = check(key, value);
        assertThat(refusal.error()).isEqualTo(ErrorCode.INVALID_CONFIG);
        assertThat(refusal.message()).contains(key).contains("'" + value + "'").contains("allowed is");
    }

    @Test
    void anUnknownSettingIsRefusedWithTheKnownOnes() {
        CommandReply refusal = check("retention.msec", "1");
        assertThat(refusal.error()).isEqualTo(ErrorCode.INVALID_CONFIG);
        assertThat(refusal.message()).contains("retention.msec").contains("retention.ms, ");
    }

    private static CommandReply check(String key, String value) {
        return TopicRules.checkConfigs(new TreeMap<>(Map.of(key, value))).orElse(null);
    }
}
