package io.lograft.broker.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The arguments of {@code broker start} and {@code broker stop}.
 *
 * @param verb start or stop
 * @param configFile value of {@code -c}
 * @param sets {@code KEY=VALUE} of each {@code --set}, in order
 * @param isDaemon whether to start in the background
 * @param isJson whether to answer with a JSON document
 */
record BrokerArguments(Verb verb, Optional<Path> configFile, List<String> sets, boolean isDaemon, boolean isJson) {
    enum Verb {
        START,
        STOP
    }

    BrokerArguments {
        sets = List.copyOf(sets);
    }

    /** Reads the arguments; throws IllegalArgumentException, with one line for a person, for wrong usage. */
    static BrokerArguments parse(List<String> arguments) {
        if (arguments.isEmpty() || !List.of("start", "stop").contains(arguments.get(0))) {
            throw new IllegalArgumentException("broker needs a verb: start or stop");
        }
        Verb verb = arguments.get(0).equals("start") ? Verb.START : Verb.STOP;
        Optional<Path> configFile = Optional.empty();
        List<String> sets = new ArrayList<>();
        boolean isDaemon = false;
        boolean isJson = false;
        for (int i = 1; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
            String option = equals < 0 ? argument : argument.substring(0, equals);
            switch (option) {
                case "--daemon" -> isDaemon = true;
                case "-c", "--config", "--set", "-o", "--output", "-b", "--bootstrap" -> {
                    if (equals < 0 && i + 1 == arguments.size()) {
                        throw new IllegalArgumentException(option + " needs a value");
                    }
                    String value = equals < 0 ? arguments.get(++i) : argument.substring(equals + 1);
                    switch (option) {
                        case "--set" -> sets.add(value);
                        case "-c", "--config" -> configFile = Optional.of(Path.of(value));
                        case "-o", "--output" -> isJson = isJson(value);
                        default -> {} // All commands take --bootstrap; these two ask no broker.
                    }
                }
                default -> throw new IllegalArgumentException("unknown argument " + argument);
            }
        }
        if (isDaemon && verb == Verb.STOP) {
            throw new IllegalArgumentException("--daemon goes with start only");
        }
        return new BrokerArguments(verb, configFile, sets, isDaemon, isJson);
    }

    private static boolean isJson(String form) {
        return switch (form.toLowerCase(Locale.ROOT)) {
            case "json" -> true;
            case "table" -> false;
            default -> throw new IllegalArgumentException("--output " + form + " is neither table nor json");
        };
    }

    /** The arguments with which the background process is started. */
    List<String> withoutDaemon() {
        List<String> arguments = new ArrayList<>();
        configFile.ifPresent(file -> arguments.addAll(List.of("-c", file.toString())));
        sets.forEach(set -> arguments.addAll(List.of("--set", set)));
        return arguments;
    }
}
