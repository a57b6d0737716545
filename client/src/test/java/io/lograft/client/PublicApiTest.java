package io.lograft.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The public signatures of the SDK against a golden file, so that a change of the API is a visible diff. Run with
 * {@code -Dgolden.rewrite=true} to accept one.
 */
class PublicApiTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/client-api.txt");

    @Test
    void theSignaturesAreThoseOfTheGoldenFile() throws IOException {
        String present = signatures();
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.createDirectories(GOLDEN.getParent());
            Files.writeString(GOLDEN, present, StandardCharsets.UTF_8);
        }
        assertThat(present).isEqualTo(Files.readString(GOLDEN, StandardCharsets.UTF_8));
    }

    private static String signatures() throws IOException {
        return signatures("io.lograft.client") + "\n" + signatures("io.lograft.client.assign") + "\n"
                + signatures("io.lograft.client.group") + "\n" + signatures("io.lograft.client.reassign") + "\n"
                + signatures("io.lograft.client.serde");
    }

    private static String signatures(String packageName) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target/classes", packageName.split("\\.")))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
                    .map(name -> load(packageName + "." + name.substring(0, name.length() - ".class".length())))
                    .filter(PublicApiTest::isPublic)
                    .sorted(Comparator.comparing(Class::getName))
                    .map(PublicApiTest::signatures)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("a class that was compiled can be loaded", e);
        }
    }

    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getDeclaringClass() == null || isPublic(type.getDeclaringClass()));
    }

    private static String signatures(Class<?> type) {
        List<String> lines = new ArrayList<>();
        for (Field field : type.getFields()) {
            lines.add(name(field.getGenericType()) + " " + field.getName());
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (Modifier.isPublic(constructor.getModifiers())) {
                lines.add("new(" + names(constructor.getGenericParameterTypes()) + ")");
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) {
                lines.add((Modifier.isStatic(method.getModifiers()) ? "static " : "")
                        + name(method.getGenericReturnType()) + " " + method.getName() + "("
                        + names(method.getGenericParameterTypes()) + ")");
            }
        }
        return type.getName() + "\n"
                + lines.stream().sorted().map(line -> "    " + line + "\n").collect(Collectors.joining());
    }

    private static String names(Type[] types) {
        return Arrays.stream(types).map(PublicApiTest::name).collect(Collectors.joining(", "));
    }

    private static String name(Type type) {
        return type.getTypeName()
                .replaceAll(
                        "\\b(java\\.lang|java\\.util|java\\.util\\.concurrent|io\\.lograft\\.client(?:\\.assign|\\.group)?)\\.(?=[A-Z])",
                        "");
    }
}
