package io.lograft.broker.group.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.lograft.broker.group.GroupDescription;
import io.lograft.broker.group.GroupEffect;
import io.lograft.broker.group.GroupRecord;
import io.lograft.broker.group.GroupReply;
import io.lograft.broker.group.Timeouts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scripts with what a classic group says and writes: lines that begin with {@code >} are carried out, and the lines below
 * are what follows from them. {@code -Dgolden.rewrite=true} writes the files anew; read the difference.
 *
 * <pre>
 * NAME join [instance=I] [protocols=range:01,sticky:02] [session=MS] [rebalance=MS]
 * NAME sync [MEMBER=BYTES]…
 * NAME heartbeat | leave | commit OFFSET
 * wait MS
 * another coordinator
 * describe
 * </pre>
 */
class ClassicScenarioTest {
    private static final Path SOURCES = Path.of("src/test/resources/golden/group");

    static List<Path> scenarios() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void followsTheScript(Path file) throws IOException {
        List<String> script = Files.readAllLines(file);
        List<String> played = new Player().play(script);
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.write(file, played);
        }
        assertThat(played).isEqualTo(script);
    }

    /** Carries a script out, and says what it sees. */
    private static final class Player {
        private final GroupHarness group = new GroupHarness();
        private final Map<String, ClassicClient> clients = new TreeMap<>();
        private final Map<Long, String> requests = new HashMap<>();
        private final List<String> played = new ArrayList<>();

        List<String> play(List<String> script) {
            group.observe(effect -> say(line(effect)));
            for (String line : script) {
                if (line.startsWith("> ")) {
                    played.add(line);
                    carryOut(line.substring(2).split(" "));
                } else if (line.isEmpty() || line.startsWith("#")) {
                    played.add(line);
                }
            }
            return played;
        }

        private void say(String line) {
            played.add(String.format(Locale.ROOT, "  %6d  %s", group.nowMs(), line));
        }

        private void carryOut(String[] words) {
            switch (words[0]) {
                case "wait" -> group.pass(Long.parseLong(words[1]));
                case "another" -> group.changeCoordinator();
                case "describe" -> group.describe().ifPresentOrElse(this::describe, () -> say("no such group"));
                default -> request(words);
            }
        }

        private void request(String[] words) {
            ClassicClient client = clients.computeIfAbsent(words[0], group::client);
            requests.put(requests.size() + 1L, words[0] + " " + words[1]);
            String[] arguments = Arrays.copyOfRange(words, 2, words.length);
            switch (words[1]) {
                case "join" -> {
                    for (String argument : arguments) {
                        option(client, argument.split("=", 2));
                    }
                    client.join();
                }
                case "sync" -> client.sync(arguments);
                case "heartbeat" -> client.heartbeat();
                case "leave" -> client.leave();
                case "commit" -> client.commit(Long.parseLong(arguments[0]));
                default -> throw new IllegalArgumentException(String.join(" ", words));
            }
        }

        private static void option(ClassicClient client, String[] option) {
            switch (option[0]) {
                case "member" -> client.memberId = option[1];
                case "instance" -> client.instanceId = option[1];
                case "protocols" -> client.protocols = ClassicClient.offer(option[1].split(","));
                case "session" ->
                    client.timeouts = new Timeouts(Integer.parseInt(option[1]), client.timeouts.rebalanceMs());
                case "rebalance" ->
                    client.timeouts = new Timeouts(client.timeouts.sessionMs(), Integer.parseInt(option[1]));
                default -> throw new IllegalArgumentException(option[0]);
            }
        }

        // ---- the printout

        private String line(GroupEffect effect) {
            return switch (effect) {
                case GroupEffect.Append append ->
                    append.records().stream().map(Player::line).collect(Collectors.joining("; "));
                case GroupEffect.Reply reply -> requests.get(reply.requestId()) + " <- " + line(reply.reply());
            };
        }

        private static String line(GroupRecord record) {
            return switch (record) {
                case GroupRecord.ClassicGroup classic -> {
                    GroupRecord.ClassicGeneration generation = classic.generation();
                    yield "writes generation " + generation.generationId() + ", " + generation.protocolName()
                            + ", leader " + generation.leaderId() + ":"
                            + generation.members().stream()
                                    .map(member -> " " + member.identity().memberId() + "=" + member.assignment())
                                    .collect(Collectors.joining());
                }
                case GroupRecord.Offset offset ->
                    "writes offset " + offset.committed().orElseThrow().offset();
                case GroupRecord.ConsumerGroup other -> other.toString();
                case GroupRecord.ConsumerMember other -> other.toString();
                case GroupRecord.GroupRemoved other -> other.toString();
            };
        }

        private static String line(GroupReply reply) {
            return switch (reply) {
                case GroupReply.Refused refused -> refused.code() + ": " + refused.message();
                case GroupReply.Done done -> "done";
                case GroupReply.Joined joined ->
                    "generation " + joined.generationId() + ", " + joined.protocolName() + ", leader "
                            + joined.leaderId() + ", you are " + joined.memberId()
                            + joined.members().stream()
                                    .map(member -> " [" + member.memberId() + " " + member.metadata() + "]")
                                    .collect(Collectors.joining())
                            + (joined.skipsAssignment() ? ", skip the assignment" : "");
                case GroupReply.Synced synced -> "you have " + synced.assignment();
                case GroupReply.Committed committed -> "committed";
                case GroupReply.Assigned other -> other.toString();
                case GroupReply.Offsets other -> other.toString();
                case GroupReply.Described other -> other.toString();
            };
        }

        private void describe(GroupDescription group) {
            say(group.state() + ", generation " + group.generation()
                    + group.members().stream()
                            .map(member -> ", " + member.identity().memberId() + "=" + member.assignment())
                            .collect(Collectors.joining()));
        }
    }
}
