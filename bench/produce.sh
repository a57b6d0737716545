#!/usr/bin/env bash
# Measures produce and consume on a three-broker cluster on this machine: 6 partitions, replication factor 3, acks=all,
# with flush.mode=commit and os. Prints median, min and max of all runs.
#
#   RUNS        runs of each test (3)
#   SIZES       record sizes and counts ("200:3000000 1024:1000000")
#   MODES       flush modes ("commit os")
#   WARM        rounds of warm-up after each start of a cluster, 3 M x 100 B and 0.5 M x 1 KiB each (1)
#   BENCH_DIR   where data and results go (target/bench); data are deleted in the end
#   KAFKA_PEER  directory of a Kafka harness (setup.sh, bench.sh): each run is one of Kafka, then one of Lograft, each
#               on a freshly started cluster with the same warm-up, sizes and counts
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
runs=${RUNS:-3}
sizes=${SIZES:-200:3000000 1024:1000000}
modes=${MODES:-commit os}
warm=${WARM:-1}
results=$dir/results-$(date +%Y%m%d-%H%M%S).tsv
data=$dir/data

# The heap that Kafka's tools have by default.
perf() { LOGRAFT_JAVA_OPTS="${LOGRAFT_JAVA_OPTS:-} -Xmx512m" lograft --output json perf "$@" 2>> "$dir/perf.log"; }

start() {
  find_ports
  rm -rf "$data"
  lograft local start --brokers 3 --dir "$data" --port "$port" >&2
}

stop() {
  [[ -n $port ]] || return 0
  lograft local stop --dir "$data" --port "$port" > /dev/null 2>&1 || true
  rm -rf "$data"
  port=
}
trap stop EXIT

# field NAME: a number out of the JSON document on stdin.
field() { sed -n "s/.*\"$1\":\(-\{0,1\}[0-9.E]*\).*/\1/p"; }

# row SYSTEM TEST CONFIG METRIC VALUE
row() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >> "$results"; }

# rows TEST CONFIG JSON: the figures of one run.
rows() {
  row Lograft "$1" "$2" records/s "$(field recordsPerSecond <<< "$3")"
  row Lograft "$1" "$2" MB/s "$(field megabytesPerSecond <<< "$3")"
  [[ $1 == consume ]] || row Lograft "$1" "$2" "p99 ms" "$(field p99 <<< "$3")"
  row Lograft "$1" "$2" "brokers' CPU s" "$(field brokers <<< "$3")"
  row Lograft "$1" "$2" "client CPU s" "$(field client <<< "$3")"
  note "Lograft $1 $2: $(field recordsPerSecond <<< "$3") records/s"
}

warm_up() {
  local i
  for ((i = 1; i <= warm; i++)); do
    perf produce "warm-$i" --create -p 6 -r 3 --records 3000000 --size 100 > /dev/null
    perf produce "warm-$i" --records 500000 --size 1024 > /dev/null
    perf consume "warm-$i" --records 2000000 > /dev/null
    lograft topic delete "warm-$i" > /dev/null
  done
}

# lograft_runs N: a fresh cluster, and N runs of each test on it.
lograft_runs() {
  local size count mode run topic json
  start
  warm_up
  for ((run = 1; run <= $1; run++)); do
    for mode in $modes; do
      for size in $sizes; do
        count=${size#*:} size=${size%:*} topic=bench-$mode-$size-$run
        json=$(perf produce "$topic" --create -p 6 -r 3 -c "flush.mode=$mode" --records "$count" --size "$size")
        rows produce "$size B, $mode" "$json"
        json=$(perf consume "$topic" --records "$count")
        rows consume "$size B, $mode" "$json"
        lograft topic delete "$topic" > /dev/null
      done
    done
  done
  stop
}

# kafka_runs: a fresh cluster, and one run of each test on it. The harness appends its figures to raw.tsv.
kafka_runs() {
  local raw=$PEER_HOME/results/raw.tsv before=0 id config metric value rest test
  [[ -f $raw ]] && before=$(wc -l < "$raw")
  RUNS=1 WARM=$warm SIZES=$sizes "$KAFKA_PEER/bench.sh" P1 C1 >&2
  tail -n "+$((before + 1))" "$raw" | while IFS=$'\t' read -r id config metric value rest; do
    case $id in P1) test=produce ;; C1) test=consume ;; *) continue ;; esac
    case $metric in
      "MB/s (MiB)") metric=MB/s value=$(awk -v v="$value" 'BEGIN { print v * 1.048576 }') ;;
      records/s | "p99 ms" | *CPU*) ;;
      *) continue ;;
    esac
    row Kafka "$test" "$config" "$metric" "$value"
  done
}

# table: median, min and max of every figure, as Markdown.
table() {
  printf '| Test | Records | System | Figure | Median | Min | Max | Runs |\n|---|---|---|---|---:|---:|---:|---:|\n'
  awk -F'\t' '$5 != "" { print $2 "\t" $3 "\t" $1 "\t" $4 "\t" $5 }' "$results" | sort -t $'\t' -k1,1r -k2,2 -k3,3 -k4,4 -k5,5g \
    | awk -F'\t' '
        function flush(  median) {
          if (n == 0) return
          median = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
          printf "| %s | %s | %s | %s | %s | %s | %s | %d |\n", k[1], k[2], k[3], k[4], f(median), f(v[1]), f(v[n]), n
        }
        function f(x) { return x >= 1000 ? sprintf("%d", x) : sprintf("%.2f", x) }
        { key = $1 FS $2 FS $3 FS $4 }
        key != last { flush(); n = 0; last = key; split(key, k, FS) }
        { v[++n] = $5 }
        END { flush() }'
}

note "machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg); results go to $results"
"$home/bin/lograft" --version >&2
if [[ -n ${KAFKA_PEER:-} ]]; then
  export PEER_HOME=${PEER_HOME:-$dir/kafka}
  "$KAFKA_PEER/setup.sh" >&2
  for ((i = 1; i <= runs; i++)); do
    kafka_runs
    lograft_runs 1
  done
else
  lograft_runs "$runs"
fi
table
