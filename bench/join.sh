#!/usr/bin/env bash
# Measures how soon a new group reads its first record: three brokers on this machine, a topic with 6 partitions, and a new
# connection and a new group for each run. Prints median, min and max, and what the first group of the cluster took, for
# which __consumer_offsets is made.
#
#   RUNS        runs (20)
#   BENCH_DIR   where data go (target/bench); they are deleted in the end
#   KAFKA_PEER  directory of a Kafka harness (setup.sh, bench.sh with groups P1 and C1): the same there first, with Kafka's
#               own load tool, which tells the time to its first assignment (RUNS/4 runs)
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
runs=${RUNS:-20}
data=$dir/join-data

stop() {
  [[ -n $port ]] || return 0
  lograft local stop --dir "$data" --port "$port" > /dev/null 2>&1 || true
  rm -rf "$data"
  port=
}
trap stop EXIT

if [[ -n ${KAFKA_PEER:-} ]]; then
  note "Kafka …"
  "$KAFKA_PEER/setup.sh" >&2
  WARM=0 SIZES=100:60 RUNS=$(((runs + 3) / 4)) "$KAFKA_PEER/bench.sh" P1 C1 | grep -E 'group join|metric' || true
fi

"$home/bin/lograft" --version >&2
rm -rf "$data"
find_ports
lograft local start --brokers 3 --dir "$data" --port "$port" >&2
lograft perf join --runs "$runs"
