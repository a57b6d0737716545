package io.lograft.metadata;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;

/** Which package may use what: {@code ratis -> codec, control -> image -> command -> model}. */
@AnalyzeClasses(packages = "io.lograft.metadata", importOptions = ImportOption.DoNotIncludeTests.class)
final class MetadataArchitectureTest {
    // What the compiler generates for switches and records is in java.lang.
    private static final String JAVA = "java.lang..";
    private static final String COLLECTIONS = "java.util..";
    private static final String MODEL = "io.lograft.model..";
    private static final String COMMAND = "io.lograft.metadata.command..";
    private static final String IMAGE = "io.lograft.metadata.image..";
    private static final String CONTROL = "io.lograft.metadata.control..";
    private static final String CODEC = "io.lograft.metadata.codec..";

    @ArchTest
    static final ArchRule COMMAND_USES_THE_MODEL_ONLY = only(COMMAND, JAVA, COLLECTIONS, MODEL);

    @ArchTest
    static final ArchRule IMAGE_USES_COMMAND = only(IMAGE, JAVA, COLLECTIONS, MODEL, COMMAND, "org.pcollections..");

    @ArchTest
    static final ArchRule CONTROL_USES_IMAGE = only(CONTROL, JAVA, COLLECTIONS, MODEL, COMMAND, IMAGE);

    @ArchTest
    static final ArchRule CODEC_USES_COMMAND = only(
            CODEC,
            JAVA,
            COLLECTIONS,
            "java.nio",
            MODEL,
            COMMAND,
            "io.lograft.wire..",
            "io.lograft.proto..",
            "com.google.protobuf..");

    /** Locks and threads are for the shell; what decides is plain code. */
    @ArchTest
    static final ArchRule NO_CONCURRENCY_IN_CORES = noClasses()
            .that()
            .resideInAnyPackage(COMMAND, IMAGE, CONTROL, CODEC)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..");

    private static ArchRule only(String from, String... allowed) {
        String[] withSelf = Arrays.copyOf(allowed, allowed.length + 1);
        withSelf[allowed.length] = from;
        return classes()
                .that()
                .resideInAPackage(from)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(withSelf);
    }
}
