package io.lograft.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;

/** What the packages of the broker may use; new imports are refused by default. */
@AnalyzeClasses(packages = "io.lograft.broker", importOptions = ImportOption.DoNotIncludeTests.class)
final class BrokerArchitectureTest {
    private static final String ROOT = "io.lograft.broker.";
    private static final String METADATA = "io.lograft.metadata..";
    private static final String WIRE = "io.lograft.wire";
    private static final String RECORD = "io.lograft.record";
    private static final String MESSAGES = "io.lograft.proto.v1";
    private static final String GRPC = "io.grpc..";
    private static final String PROTOBUF = "com.google.protobuf";
    private static final String LOGGER = "org.slf4j";
    private static final String LOCK_NOTES = "com.google.errorprone.annotations.concurrent";

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
    static final ArchRule CHECKS_OF_BATCHES_ARE_PURE = classes()
            .that()
            .resideInAPackage(ROOT + "produce")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "produce",
                    "io.lograft.model",
                    RECORD,
                    "java.lang..",
                    "java.nio",
                    "java.util",
                    "java.util.function");

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
    static final ArchRule REPLICA_RUNTIME = mayUseOnly(
            "replica.runtime",
            ROOT + "concurrent",
            ROOT + "log",
            ROOT + "log.compact",
            ROOT + "log.config",
            ROOT + "log.io",
            ROOT + "log.move",
            ROOT + "log.retention",
            ROOT + "log.state",
            ROOT + "metrics",
            ROOT + "produce",
            ROOT + "replica",
            ROOT + "replica.purge",
            ROOT + "replica.transport",
            WIRE,
            RECORD,
            MESSAGES,
            PROTOBUF,
            LOGGER);

    @ArchTest
    static final ArchRule PURGES = mayUseOnly("replica.purge", ROOT + "concurrent", ROOT + "log.io", LOGGER);

    @ArchTest
    static final ArchRule COMPACTION = mayUseOnly(
            "replica.compaction",
            ROOT + "concurrent",
            ROOT + "log",
            ROOT + "log.compact",
            ROOT + "log.io",
            ROOT + "metrics",
            ROOT + "replica.runtime",
            LOGGER);

    @ArchTest
    static final ArchRule REPLICA_TRANSPORT = mayUseOnly(
            "replica.transport",
            ROOT + "concurrent",
            ROOT + "replica",
            ROOT + "transport",
            WIRE,
            RECORD,
            MESSAGES,
            GRPC,
            PROTOBUF,
            LOCK_NOTES,
            LOGGER);

    @ArchTest
    static final ArchRule TRANSPORT = mayUseOnly("transport", WIRE, GRPC, "io.netty..");

    @ArchTest
    static final ArchRule METRICS = mayUseOnly("metrics", GRPC, "io.micrometer..");

    @ArchTest
    static final ArchRule HTTP = mayUseOnly("http", "com.sun.net.httpserver");

    @ArchTest
    static final ArchRule CLUSTER = mayUseOnly(
            "cluster",
            ROOT + "concurrent",
            ROOT + "log",
            ROOT + "log.config",
            ROOT + "produce",
            ROOT + "replica",
            ROOT + "replica.runtime",
            ROOT + "metrics",
            ROOT + "transport",
            METADATA,
            WIRE,
            MESSAGES,
            GRPC,
            PROTOBUF,
            LOGGER);

    @ArchTest
    static final ArchRule CONTROLLER = mayUseOnly(
            "controller", ROOT + "concurrent", ROOT + "transport", METADATA, WIRE, MESSAGES, GRPC, PROTOBUF, LOGGER);

    @ArchTest
    static final ArchRule SERVICES = mayUseOnly(
            "api",
            ROOT + "api.quorum",
            ROOT + "concurrent",
            ROOT + "log",
            ROOT + "metrics",
            ROOT + "produce",
            ROOT + "replica",
            ROOT + "replica.runtime",
            ROOT + "replica.transport",
            METADATA,
            WIRE,
            RECORD,
            MESSAGES,
            GRPC,
            PROTOBUF,
            LOCK_NOTES,
            LOGGER);

    @ArchTest
    static final ArchRule DELETION_OF_RECORDS = mayUseOnly(
            "api.deletion",
            ROOT + "api",
            ROOT + "replica",
            ROOT + "replica.runtime",
            METADATA,
            WIRE,
            MESSAGES,
            GRPC,
            LOGGER);

    @ArchTest
    static final ArchRule OFFSET_ANSWERS = mayUseOnly(
            "api.offsets",
            ROOT + "api",
            ROOT + "log",
            ROOT + "log.state",
            ROOT + "replica",
            ROOT + "replica.runtime",
            WIRE,
            RECORD,
            MESSAGES);

    @ArchTest
    static final ArchRule QUORUM_SERVICES = mayUseOnly("api.quorum", METADATA, WIRE, MESSAGES, GRPC, PROTOBUF);

    @ArchTest
    static final ArchRule DECISIONS_ABOUT_VOTERS_ARE_PURE = classes()
            .that()
            .haveNameMatching(".*controller\\.(VoterRules|VoterWatch)(\\$.*)?")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "controller",
                    "io.lograft.model",
                    "io.lograft.metadata.command",
                    "io.lograft.metadata.image",
                    "io.lograft.metadata.ratis",
                    "java.lang..",
                    "java.util",
                    "java.util.function",
                    "java.util.stream");

    @ArchTest
    static final ArchRule GROUPS_ARE_PURE = classes()
            .that()
            .resideInAnyPackage(ROOT + "group", ROOT + "group.classic", ROOT + "group.consumer", ROOT + "group.assign")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "group",
                    ROOT + "group.classic",
                    ROOT + "group.consumer",
                    ROOT + "group.assign",
                    "io.lograft.model",
                    "com.google.re2j",
                    "java.lang..",
                    "java.nio.charset",
                    "java.util",
                    "java.util.function",
                    "java.util.stream");

    @ArchTest
    static final ArchRule COORDINATORS = mayUseOnly(
            "group.runtime",
            ROOT + "concurrent",
            ROOT + "group",
            ROOT + "log",
            ROOT + "replica",
            ROOT + "replica.runtime",
            METADATA,
            WIRE,
            RECORD,
            MESSAGES,
            PROTOBUF,
            LOGGER);

    @ArchTest
    static final ArchRule GROUP_SERVICE = mayUseOnly(
            "api.group",
            ROOT + "api",
            ROOT + "group",
            ROOT + "group.runtime",
            METADATA,
            WIRE,
            MESSAGES,
            GRPC,
            PROTOBUF);

    @ArchTest
    static final ArchRule THE_GATEWAY_IS_A_CLIENT = mayUseOnly(
            "gateway",
            ROOT + "concurrent",
            "io.lograft.client",
            WIRE,
            RECORD,
            MESSAGES,
            GRPC,
            PROTOBUF,
            LOCK_NOTES,
            LOGGER);

    @ArchTest
    static final ArchRule DUMPS = mayUseOnly(
            "dump",
            ROOT + "dump.format",
            ROOT + "group",
            ROOT + "group.runtime",
            ROOT + "log.io",
            ROOT + "log.state",
            "io.lograft.cli",
            "io.lograft.metadata.ratis",
            RECORD,
            PROTOBUF);

    @ArchTest
    static final ArchRule THE_FORM_OF_DUMPS_IS_PURE = classes()
            .that()
            .resideInAPackage(ROOT + "dump.format")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + "dump.format",
                    ROOT + "group",
                    "io.lograft.model",
                    RECORD,
                    "java.lang..",
                    "java.nio",
                    "java.nio.charset",
                    "java.util",
                    "java.util.stream");

    @ArchTest
    static final ArchRule CONFIGURATION =
            mayUseOnly("app.config", ROOT + "group", ROOT + "log.config", ROOT + "produce", RECORD, METADATA);

    /** Our own package, the model and the JDK are open to all. */
    private static ArchRule mayUseOnly(String name, String... others) {
        String[] allowed = Arrays.copyOf(others, others.length + 3);
        allowed[others.length] = ROOT + name;
        allowed[others.length + 1] = "io.lograft.model";
        allowed[others.length + 2] = "java..";
        return classes()
                .that()
                .resideInAPackage(ROOT + name)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed);
    }

    @ArchTest
    static final ArchRule RATIS_AND_ROCKSDB_STAY_IN_THEIR_MODULE =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("org.apache.ratis..", "org.rocksdb..");

    @ArchTest
    static final ArchRule ONLY_THE_STORE_AND_THE_WIRING_TOUCH_FILES = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT + "log.io", ROOT + "app..")
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
            .areDeclaredInClassesThat()
            .areNotAssignableTo("io.grpc.ServerCall")
            .and()
            .arePublic()
            .should()
            .haveNameNotMatching("get[A-Z].*");
}
