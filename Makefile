# One entry for everything, the same for a person and for continuous integration (bin/test).
#
#   make check            compile, format, rules, unit tests
#   make sim SEED=42      replay one run of the simulator; SEEDS=1000 runs that many fresh ones
#   make model            the replication protocol in a model checker (docs/model)
#   make it               the tests with real processes; as root also those with faults of the network
#   make it-large         ten kills and a power failure within five million records, flat out (RECORDS=5000000)
#   make proto-lint       style of the .proto files, and whether they break what was released (proto/buf/lint says more)
#   make conformance      the simple API in Python, Node.js, Go and C++, on three brokers of its own (ARGUMENTS="python go")
#   make soak MINUTES=30  random faults every few seconds under load (SEED=… replays the draws, BROKERS=5, RATE=3000)
#   make fuzz FUZZ=60      coverage-guided fuzzing, so many seconds for each target (TARGETS="DumpFuzz …", KEEP=1 keeps inputs)
#   make bench RUNS=5     produce and consume on three brokers on this machine (bench/produce.sh says what can be set)
#   make bench-failover   how long clients cannot write when brokers go (bench/failover.sh says what can be set)
#   make damage           every bit of every file of a log damaged, and 20,000 places of a larger one
#   make bench-start      start to first acknowledged record, and idle memory (bench/start.sh)
#   make bench-join       how soon a new group reads its first record (bench/join.sh)
#   make bench-many       10,000 partitions on one broker and on each of three (bench/many.sh says what can be set)
#   make bench-restart    how soon a broker with 50 GB in 1,000 partitions serves again (bench/restart.sh)
#   make bench-compact    compaction next to Kafka's cleaner over the same files (bench/compact.sh)
#   make profile          where the CPU time goes (bench/profile.sh)

MVN := mvn -B -q
export JAVA_HOME := $(shell bin/lograft --build-tools)
COMMA := ,
QUIET_IF_NONE := -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: fmt check test sim model it it-large soak fuzz bench bench-failover bench-start bench-join bench-many profile proto-lint conformance docker-image clean bench-restart damage bench-compact

fmt:
	$(MVN) spotless:apply

check:
	$(MVN) verify -pl proto,raft-metadata,client,broker-node

test:
	bin/test

sim:
	$(MVN) test -pl broker-node -am -Dtest='*Simulation*' $(QUIET_IF_NONE) $(if $(SEED),-Dsim.seed=$(SEED)) $(if $(SEEDS),-Dsim.seeds=$(SEEDS))

model:
	docs/model/check.sh

it:
	$(MVN) -DskipTests package -pl broker-node -am
	$(MVN) verify -pl it-tests -am -Dtest='io.lograft.it.**' $(QUIET_IF_NONE) -Dit.rounds=10 -Dgroup.rounds=10 \
		-Dtests.excluded=docker,soak$(if $(filter-out 0,$(shell id -u)),$(COMMA)root)

it-large:
	$(MVN) test -pl it-tests -am -Dtest='KillLoadTest,PowerlessTest' $(QUIET_IF_NONE) \
		-Dit.rounds=10 -Dit.records=$(or $(RECORDS),5000000) -Dit.rate=0

proto-lint:
	proto/buf/lint

conformance:
	$(MVN) -DskipTests package -pl broker-node -am
	clients-examples/conformance $(ARGUMENTS)

soak:
	$(MVN) test -pl it-tests -am -Dtest=SoakTest $(QUIET_IF_NONE) -Dsoak.minutes=$(or $(MINUTES),30) \
		$(if $(SEED),-Dsoak.seed=$(SEED)) $(if $(BROKERS),-Dsoak.brokers=$(BROKERS)) $(if $(RATE),-Dsoak.rate=$(RATE))

fuzz:
	KEEP=$(KEEP) broker-node/fuzz/run $(or $(FUZZ),60) $(TARGETS)

bench:
	bench/produce.sh

bench-restart:
	bench/restart.sh

damage:
	$(MVN) test -pl broker-node -am -Dtest=io.lograft.broker.log.DamageTest $(QUIET_IF_NONE) -Ddamage.bits=8
	$(MVN) test -pl broker-node -am -Dtest=io.lograft.broker.log.DamageTest $(QUIET_IF_NONE) -Ddamage.batches=400 -Ddamage.samples=20000

bench-start:
	bench/start.sh

bench-compact:
	bench/compact.sh

profile:
	bench/profile.sh

bench-join:
	bench/join.sh

bench-many:
	bench/many.sh

bench-failover:
	bench/failover.sh

docker-image:
	$(MVN) -DskipTests package -pl broker-node -am
	docker image inspect $(or $(BASE),lograft/base) > /dev/null 2>&1 || docker/base-image.sh $(or $(BASE),lograft/base)
	docker build --build-arg BASE=$(or $(BASE),lograft/base) -f docker/Dockerfile -t lograft/broker .

clean:
	$(MVN) clean
