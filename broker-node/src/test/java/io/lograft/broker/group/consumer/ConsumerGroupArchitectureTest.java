package io.lograft.broker.group.consumer;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Groups that the coordinator assigns are pure, and so are the assignors. */
@AnalyzeClasses(packages = "io.lograft.broker.group", importOptions = ImportOption.DoNotIncludeTests.class)
final class ConsumerGroupArchitectureTest {

    @ArchTest
    static final ArchRule THE_GROUP_IS_PURE = classes()
            .that()
            .resideInAPackage("io.lograft.broker.group.consumer")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.broker.group",
                    "io.lograft.broker.group.assign",
                    "io.lograft.broker.group.consumer",
                    "io.lograft.model",
                    "com.google.re2j",
                    "java.lang..",
                    "java.util",
                    "java.util.function",
                    "java.util.stream");

    @ArchTest
    static final ArchRule ASSIGNORS_ARE_PURE = classes()
            .that()
            .resideInAPackage("io.lograft.broker.group.assign")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.broker.group.assign",
                    "io.lograft.model",
                    "java.lang..",
                    "java.util",
                    "java.util.function",
                    "java.util.stream");
}
