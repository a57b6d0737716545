package io.lograft.broker.log;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the packages of the log may use. */
@AnalyzeClasses(packages = "io.lograft.broker.log", importOptions = ImportOption.DoNotIncludeTests.class)
final class LogArchitectureTest {

    @ArchTest
    static final ArchRule THE_LOG_USES_ONLY_THE_PORT = classes()
            .that()
            .resideInAPackage("io.lograft.broker.log")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.broker.log..",
                    "io.lograft.model",
                    "io.lograft.record",
                    "java.lang..",
                    "java.util..",
                    "java.io",
                    "java.nio",
                    "java.nio.channels",
                    "java.nio.charset",
                    "java.time");

    @ArchTest
    static final ArchRule THE_PORT_USES_NOTHING_OF_OURS = classes()
            .that()
            .resideInAPackage("io.lograft.broker.log.io")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.lograft.broker.log.io", "java..");

    @ArchTest
    static final ArchRule THE_STATE_IS_PURE = classes()
            .that()
            .resideInAPackage("io.lograft.broker.log.state")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.broker.log.state",
                    "io.lograft.model",
                    "io.lograft.record",
                    "java.lang..",
                    "java.util",
                    "java.util.stream",
                    "java.util.function",
                    "java.util.zip",
                    "java.nio");

    @ArchTest
    static final ArchRule RETENTION_IS_PURE = classes()
            .that()
            .resideInAPackage("io.lograft.broker.log.retention")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.broker.log.retention", "io.lograft.broker.log.config", "java.lang..", "java.util..");

    @ArchTest
    static final ArchRule ONE_PUBLISHED_VIEW = fields().that()
            .areDeclaredInClassesThat()
            .resideInAPackage("io.lograft.broker.log..")
            .and()
            .doNotHaveName("view")
            .should()
            .notHaveModifier(JavaModifier.VOLATILE);

    @ArchTest
    static final ArchRule NO_LOCKS_NO_ATOMICS_NO_FILE_CHANNELS = noClasses()
            .that()
            .resideInAPackage("io.lograft.broker.log")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..")
            .orShould()
            .dependOnClassesThat()
            .haveSimpleName("FileChannel");
}
