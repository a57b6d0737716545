package io.lograft;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the packages of the client may use: {@code cli → client → client.core, client.transport → proto}. */
@AnalyzeClasses(
        packages = {"io.lograft.client", "io.lograft.cli"},
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ClientArchitectureTest {

    @ArchTest
    static final ArchRule THE_CORE_IS_PURE = classes()
            .that()
            .resideInAPackage("io.lograft.client.core..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.client.core..",
                    "io.lograft.client.assign",
                    "io.lograft.model",
                    "io.lograft.record",
                    "java.lang..",
                    "java.nio",
                    "java.util",
                    "java.util.function",
                    "java.util.stream",
                    "java.util.zip");

    @ArchTest
    static final ArchRule ASSIGNORS_ARE_PURE = classes()
            .that()
            .resideInAPackage("io.lograft.client.assign")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.client.assign",
                    "io.lograft.model",
                    "java.lang..",
                    "java.nio",
                    "java.nio.charset",
                    "java.util",
                    "java.util.function",
                    "java.util.stream");

    @ArchTest
    static final ArchRule THE_CORE_HAS_NO_CLOCK_AND_NO_THREADS = noClasses()
            .that()
            .resideInAPackage("io.lograft.client.core..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class);

    @ArchTest
    static final ArchRule THE_CORE_SHARES_NOTHING = fields().that()
            .areDeclaredInClassesThat()
            .resideInAPackage("io.lograft.client.core..")
            .should()
            .notHaveModifier(JavaModifier.VOLATILE);

    @ArchTest
    static final ArchRule TRANSPORT_KNOWS_ONLY_THE_CORE = classes()
            .that()
            .resideInAPackage("io.lograft.client.transport")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.client.transport",
                    "io.lograft.client.core..",
                    "io.lograft.model",
                    "io.lograft.record",
                    "io.lograft.wire",
                    "io.lograft.proto.v1",
                    "io.grpc..",
                    "io.netty..",
                    "com.google.protobuf",
                    "java..");

    @ArchTest
    static final ArchRule GROUPS_STAND_ON_TRANSPORT = classes()
            .that()
            .resideInAPackage("io.lograft.client.transport.group")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.client.transport",
                    "io.lograft.client.transport.group",
                    "io.lograft.client.assign",
                    "io.lograft.client.core",
                    "io.lograft.client.core.group",
                    "io.lograft.model",
                    "io.lograft.wire",
                    "io.lograft.proto.v1",
                    "io.grpc",
                    "com.google.protobuf",
                    "java..");

    @ArchTest
    static final ArchRule THE_API_STANDS_ON_BOTH = classes()
            .that()
            .resideInAnyPackage(
                    "io.lograft.client",
                    "io.lograft.client.group",
                    "io.lograft.client.reassign",
                    "io.lograft.client.storage")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.client",
                    "io.lograft.client.assign",
                    "io.lograft.client.group",
                    "io.lograft.client.reassign",
                    "io.lograft.client.storage",
                    "io.lograft.client.serde",
                    "io.lograft.client.core..",
                    "io.lograft.client.transport..",
                    "io.lograft.model",
                    "io.lograft.record",
                    "io.lograft.wire",
                    "io.lograft.proto.v1",
                    "io.grpc",
                    "com.google.protobuf",
                    "org.slf4j",
                    "java..");

    @ArchTest
    static final ArchRule TYPED_VIEWS_STAND_ON_THE_API = classes()
            .that()
            .resideInAPackage("io.lograft.client.serde")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.client",
                    "io.lograft.client.serde",
                    "io.lograft.model",
                    "io.lograft.record",
                    "com.google.protobuf",
                    "java..");

    @ArchTest
    static final ArchRule COMMANDS_USE_THE_PUBLIC_API = classes()
            .that()
            .resideInAnyPackage("io.lograft.cli", "io.lograft.cli.group", "io.lograft.cli.reassign")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.cli..",
                    "io.lograft.client",
                    "io.lograft.client.group",
                    "io.lograft.client.reassign",
                    "io.lograft.client.storage",
                    "io.lograft.model",
                    "io.lograft.record",
                    "picocli",
                    "me.tongfei.progressbar",
                    "com.google.gson.stream",
                    "java..");
}
