#!/usr/bin/env bash
# Measures how fast a log of many records with few keys is compacted, and the memory that takes, next to Kafka's cleaner over
# the same files. Both run in processes of their own, in alternation, with the same memory for keys. Prints a line for each
# run, and median, min and max of both.
#
#   RUNS       runs of each (3)
#   RECORDS    records of 100 bytes (5000000)
#   KEYS       different keys (500000)
#   MAP_BYTES  memory for keys (33554432); a heap has 96 MiB more
#   BENCH_DIR  where data go (target/bench), twice the log; they are deleted in the end
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
data=$dir/compact-data
trap 'rm -rf "$data"' EXIT
rm -rf "$data"
mkdir -p "$data"
JAVA_HOME=$("$home/bin/lograft" --build-tools)
export JAVA_HOME
cd "$home"
mvn -B -q test -pl broker-node -am -Dtest=CompactionBench -Dsurefire.failIfNoSpecifiedTests=false \
  -Dcompaction.bench="$data" -Dcompaction.runs="${RUNS:-3}" -Dcompaction.records="${RECORDS:-5000000}" \
  -Dcompaction.keys="${KEYS:-500000}" -Dcompaction.map="${MAP_BYTES:-33554432}"
