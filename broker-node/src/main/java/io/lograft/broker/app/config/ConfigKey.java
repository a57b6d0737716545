package io.lograft.broker.app.config;

import java.util.Locale;
import java.util.function.Function;

/**
 * One key of the configuration.
 *
 * @param name as it stands in the file, such as {@code broker.id}
 * @param defaultText the value where none is given; null where it follows from other keys
 * @param allowed what values are allowed, for people
 * @param parser reads a value; throws IllegalArgumentException for one that is not allowed
 */
record ConfigKey<T>(String name, String defaultText, String allowed, Function<String, T> parser) {

    /** Name of the environment variable that sets the key. */
    String environmentName() {
        return ConfigLoader.ENVIRONMENT_PREFIX + name.toUpperCase(Locale.ROOT).replace('.', '_');
    }

    /** Reads a value of this key. */
    T parse(String text, String origin) throws ConfigException {
        try {
            return parser.apply(text.strip());
        } catch (IllegalArgumentException e) {
            String detail =
                    e.getMessage() == null || e instanceof NumberFormatException ? "" : " (" + e.getMessage() + ")";
            throw new ConfigException(
                    name + "=" + text + " from " + origin + " is not allowed" + detail + "; allowed: " + allowed);
        }
    }
}
