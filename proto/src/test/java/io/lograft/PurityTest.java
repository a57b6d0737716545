package io.lograft;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the packages of this module may use; a new import has to be allowed here first. */
@AnalyzeClasses(
        packages = {"io.lograft.model", "io.lograft.record"},
        importOptions = ImportOption.DoNotIncludeTests.class)
class PurityTest {

    @ArchTest
    static final ArchRule MODEL_USES_ONLY_VALUES = classes()
            .that()
            .resideInAPackage("io.lograft.model..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("io.lograft.model..", "java.lang", "java.lang.runtime", "java.util", "java.nio")
            .because("the words of the domain are pure values");

    @ArchTest
    static final ArchRule RECORD_USES_MODEL_AND_CODECS = classes()
            .that()
            .resideInAPackage("io.lograft.record..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.record..",
                    "io.lograft.model..",
                    "java.lang",
                    "java.lang.runtime",
                    "java.lang.invoke",
                    "java.util",
                    "java.util.function",
                    "java.util.stream",
                    "java.util.zip",
                    "java.io",
                    "java.nio",
                    "java.nio.charset",
                    "java.security",
                    "com.google.errorprone.annotations",
                    "com.github.luben.zstd..",
                    "net.jpountz..",
                    "org.xerial.snappy..")
            .because("the format works on bytes in memory");

    @ArchTest
    static final ArchRule PURE_PACKAGES_KEEP_FROM_THE_WORLD = noClasses()
            .that()
            .resideInAnyPackage("io.lograft.model..", "io.lograft.record..")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("java\\.io\\.(File|Random|Console).*|java\\.lang\\.(Thread|Process|Runtime|System\\$).*")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .because("java.io is there for streams over arrays, java.lang for values");
}
