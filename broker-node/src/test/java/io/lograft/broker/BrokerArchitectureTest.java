package io.lograft.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the packages of the broker may use; new imports are refused by default. */
@AnalyzeClasses(packages = "io.lograft.broker", importOptions = ImportOption.DoNotIncludeTests.class)
final class BrokerArchitectureTest {
    private static final String ROOT = "io.lograft.broker.";

    @ArchTest
    static final ArchRule CONCURRENT_KNOWS_NO_DOMAIN = classes()
            .that()
            .resideInAPackage(ROOT + "concurrent")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(ROOT + "concurrent", "java..");

    @ArchTest
    static final ArchRule THE_REPLICA_IS_PURE = classes()
            .that()
            .resideInAPackage(ROOT + "replica")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(ROOT + "replica", "io.lograft.model", "io.lograft.record", "java.lang..", "java.util");

    @ArchTest
    static final ArchRule LIVENESS_IS_PURE = classes()
            .that()
            .haveFullyQualifiedName(ROOT + "controller.BrokerLiveness")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "controller",
                    "io.lograft.model",
                    "io.lograft.metadata.command",
                    "io.lograft.metadata.image",
                    "java.lang..",
                    "java.util");

    @ArchTest
    static final ArchRule THE_RUNTIME_KNOWS_NO_METADATA_AND_NO_SERVICES = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "replica..", ROOT + "log..", ROOT + "transport", ROOT + "metrics", ROOT + "http")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.lograft.metadata..",
                    ROOT + "api",
                    ROOT + "app",
                    ROOT + "cluster",
                    ROOT + "controller",
                    "io.lograft.client..");

    @ArchTest
    static final ArchRule SERVICES_DO_NOT_KNOW_WHO_WIRES_THEM = noClasses()
            .that()
            .resideInAnyPackage(ROOT + "api", ROOT + "cluster", ROOT + "controller", ROOT + "gateway")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "app");

    @ArchTest
    static final ArchRule THE_GATEWAY_IS_A_CLIENT = classes()
            .that()
            .resideInAPackage(ROOT + "gateway")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "gateway",
                    ROOT + "concurrent",
                    "io.lograft.client",
                    "io.lograft.model",
                    "io.lograft.record",
                    "io.lograft.wire",
                    "io.lograft.proto.v1",
                    "io.grpc..",
                    "com.google.protobuf",
                    "org.slf4j",
                    "java..");

    @ArchTest
    static final ArchRule RATIS_AND_ROCKSDB_STAY_IN_THEIR_MODULE =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("org.apache.ratis..", "org.rocksdb..");

    @ArchTest
    static final ArchRule ONLY_THE_STORE_AND_THE_WIRING_TOUCH_FILES = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "log.io", ROOT + "app")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.nio.file..");

    @ArchTest
    static final ArchRule NOBODY_SLEEPS = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "app", ROOT + "controller")
            .should()
            .callMethod(Thread.class, "sleep", long.class);

    @ArchTest
    static final ArchRule GETTERS_ARE_NOT_CALLED_GET = methods()
            .that()
            .areDeclaredInClassesThat()
            .resideInAPackage("io.lograft.broker..")
            .and()
            .arePublic()
            .should()
            .haveNameNotMatching("get[A-Z].*");
}
