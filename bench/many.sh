#!/usr/bin/env bash
# Measures many partitions on this machine: topics of PARTITIONS partitions on one broker (1 replica each) and on three (3
# replicas each, so that every broker has that many): time to create them, memory and open files of an idle partition, idle
# CPU time, start after an orderly stop and after kill -9, and how long clients cannot write when a broker is killed. Then
# what it costs to write to 1, 100 and 1,000 partitions at once on one broker with each record on the disk before its
# acknowledgement, and what group commit costs on this disk (many/Fsyncs.java). Prints median, min and max.
#
#   PARTITIONS  partitions of the topic (10000)
#   BROKERS     sizes of clusters ("1 3")
#   ACTIVE      partitions that are written to at once ("1 100 1000")
#   RUNS        runs of everything (1)
#   IDLE_S      seconds of rest over which CPU time is counted (30)
#   BENCH_DIR   where data and results go (target/bench); data are deleted in the end
#   KAFKA_PEER  directory of a Kafka harness (setup.sh, cluster.sh): each run is one of Kafka, then one of Lograft
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
partitions=${PARTITIONS:-10000}
brokers=${BROKERS:-1 3}
active=${ACTIVE:-1 100 1000}
runs=${RUNS:-1}
idle=${IDLE_S:-30}
results=$dir/many-$(date +%Y%m%d-%H%M%S).tsv
data=$dir/many-data
classes=$dir/many-classes
topic=many
lib=${BENCH_CLASSPATH:-$home/broker-node/target/dist/lib/*}
tick_hz=$(getconf CLK_TCK)

lograft() { "${BENCH_COMMAND:-$home/bin/lograft}" "$@"; }
now_ms() { date +%s%3N; }

# row SYSTEM WHAT FIGURE VALUE
row() {
  printf '%s\t%s\t%s\t%s\n' "$@" >> "$results"
  note "$1, $2: $3 $4"
}

# field NAME: the number after that name in "name number name number …" on stdin.
field() { awk -v name="$1" '{ for (i = 1; i < NF; i++) if ($i == name) print $(i + 1) }'; }

# ---- what both systems are asked

stop() {
  case ${system:-} in
    Lograft) if [[ -n $port ]]; then lograft local stop --dir "$data" > /dev/null 2>&1 || true; fi ;;
    Kafka) "$KAFKA_PEER/cluster.sh" stop > /dev/null 2>&1 || true ;;
  esac
  rm -rf "$data"
  port=
}
trap stop EXIT
trap 'exit 130' INT TERM

# start_fresh N: a cluster of N brokers on empty disks; sets `bootstrap`.
start_fresh() {
  if [[ $system == Kafka ]]; then
    "$KAFKA_PEER/cluster.sh" start "$1" >&2
    bootstrap=$("$KAFKA_PEER/cluster.sh" bootstrap)
  else
    find_ports
    rm -rf "$data"
    lograft local start --brokers "$1" --dir "$data" --port "$port" >&2
    bootstrap=127.0.0.1:$port
    ((count == 1)) || bootstrap+=",127.0.0.1:$((port + 10)),127.0.0.1:$((port + 20))"
  fi
}

# stop_orderly, start_again: all brokers; start_again returns at once.
stop_orderly() {
  if [[ $system == Kafka ]]; then
    local id
    for id in $(ids); do "$KAFKA_PEER/cluster.sh" stop-node "$id"; done
    for id in $(ids); do while kill -0 "$(pid "$id")" 2> /dev/null; do sleep 0.05; done; done
  else
    lograft local stop --dir "$data" >&2
  fi
}
start_again() {
  if [[ $system == Kafka ]]; then
    local id
    for id in $(ids); do "$KAFKA_PEER/cluster.sh" start-node "$id"; done
  else
    lograft local start --dir "$data" > /dev/null 2>&1 &
    starter=$!
  fi
}
kill_9() { kill -9 "$(pid "$1")"; if [[ $system == Kafka ]]; then rm -f "$PEER_HOME/run/$1.pid"; fi; }
ids() { seq 1 "$count"; }
pid() {
  if [[ $system == Kafka ]]; then cat "$PEER_HOME/run/$1.pid"; else awk '{ print $1 }' "$data/broker-$1/process"; fi
}

# ask VERB ARGUMENT…: LograftMany or KafkaMany.
ask() {
  local path=$lib verb=$1
  shift
  [[ $system != Kafka ]] || path="$PEER_HOME/libs/*"
  [[ $system == Kafka || $verb != create-forced ]] || verb=create
  "$java_home/bin/java" -Xmx1g -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -cp "$classes:$path" "${system}Many" "$verb" "$bootstrap" "$@" 2>> "$dir/many.log"
}

# heap PID: bytes of live objects, after a full collection.
heap() { "$java_home/bin/jcmd" "$1" GC.class_histogram | awk '/^Total/ { print $3 }'; }
resident_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
cpu_ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# ---- the measurement

# measure_idle WHAT: what a broker needs when nobody asks anything of it.
measure_idle() {
  local of=$1 id own from=0 ticks=0 files maps
  for id in $(ids); do from=$((from + $(cpu_ticks "$(pid "$id")"))); done
  sleep "$idle"
  for id in $(ids); do ticks=$((ticks + $(cpu_ticks "$(pid "$id")"))); done
  row "$system" "$of" "idle CPU of a broker, % of a core" \
    "$(awk -v t=$((ticks - from)) -v hz="$tick_hz" -v s="$idle" -v n="$count" 'BEGIN { printf "%.2f", 100 * t / hz / s / n }')"
  own=$(pid 1)
  files=$(find "/proc/$own/fd" -mindepth 1 2> /dev/null | wc -l)
  maps=$(grep -c "index" "/proc/$own/maps" || true)
  row "$system" "$of" "open files of a broker" "$files"
  row "$system" "$of" "mapped index files of a broker" "$maps"
  row "$system" "$of" "heap per idle partition, bytes" "$((($(heap "$own") - heap_before) / partitions))"
  row "$system" "$of" "resident memory of a broker, MiB" "$(($(resident_kb "$own") / 1024))"
}

# await_all FROM-MS WHAT FIGURE: until there is a leader everywhere and each leader takes a record.
await_all() {
  local answer
  answer=$(ask await "$topic" "$partitions" "$replicas")
  row "$system" "$2" "$3: all have a leader after, ms" "$(($(field led_at <<< "$answer") - $1))"
  row "$system" "$2" "$3: every leader takes records after, ms" "$(($(field written_at <<< "$answer") - $1))"
  row "$system" "$2" "$3: all in sync after, ms" "$(($(field sync_at <<< "$answer") - $1))"
}

many() {
  count=$1
  local of answer from victim
  replicas=$count
  of="$count × $partitions replicas"
  start_fresh "$count"
  sleep 5
  heap_before=$(heap "$(pid 1)")
  answer=$(ask create "$topic" "$partitions" "$replicas")
  row "$system" "$of" "created and in sync after, ms" "$(field sync_ms <<< "$answer")"
  sleep 60 # until nothing is compiled any more, and whoever fell behind is back
  measure_idle "$of"
  if ((count > 1)); then
    victim=$count
    kill_9 "$victim"
    from=$(now_ms)
    answer=$(ask await "$topic" "$partitions" $((replicas - 1)))
    row "$system" "$of" "kill -9 of a broker: all have a leader after, ms" "$(($(field led_at <<< "$answer") - from))"
    row "$system" "$of" "kill -9 of a broker: every leader takes records after, ms" "$(($(field written_at <<< "$answer") - from))"
    from=$(now_ms)
    if [[ $system == Kafka ]]; then "$KAFKA_PEER/cluster.sh" start-node "$victim"; else start_again; fi
    await_all "$from" "$of" "that broker again"
    if [[ -n ${starter:-} ]]; then wait "$starter" || true; fi
  fi
  stop_orderly
  from=$(now_ms)
  start_again
  await_all "$from" "$of" "start after an orderly stop"
  if [[ -n ${starter:-} ]]; then wait "$starter" || true; fi
  for victim in $(ids); do kill_9 "$victim"; done
  from=$(now_ms)
  start_again
  await_all "$from" "$of" "start after kill -9 of all"
  if [[ -n ${starter:-} ]]; then wait "$starter" || true; fi
  stop
}

# flushes: rounds of fsyncs so far; what Kafka does not tell.
flushes() { curl -s "http://127.0.0.1:$((port + 2))/metrics" | awk '/^lograft_flush_seconds_count/ { print $2 }'; }

spread() {
  local width=$1 rate=$2 records=$3 answer before=0 name="write to $1 partitions"
  [[ $system == Kafka ]] || before=$(flushes)
  answer=$(ask spread active "$width" "$records" "$rate")
  if ((rate == 0)); then
    row "$system" "$name" "flat out, records/s" "$(field records_s <<< "$answer")"
  else
    row "$system" "$name" "at $rate/s, p50 ms" "$(field p50_ms <<< "$answer")"
    row "$system" "$name" "at $rate/s, p99 ms" "$(field p99_ms <<< "$answer")"
  fi
  [[ $system == Kafka ]] || row "$system" "$name" "fsyncs for 1,000 records at $rate/s" \
    "$((($(flushes) - before) * 1000 / (records + (records / 10 > width ? records / 10 : width))))"
}

written_at_once() {
  local width
  count=1
  start_fresh 1
  ask create-forced active 1000 1 > /dev/null
  sleep 5
  ask spread active 100 50000 0 > /dev/null # to warm up
  for width in $active; do
    spread "$width" 0 100000
    spread "$width" 2000 20000
  done
  stop
}

# table: median, min and max of every figure, as Markdown.
table() {
  printf '| What | Figure | System | Median | Min | Max | Runs |\n|---|---|---|---:|---:|---:|---:|\n'
  awk -F'\t' '!(($2, $3) in seen) { seen[$2, $3] = ++count } { printf "%03d\t%s\t%s\t%s\t%s\n", seen[$2, $3], $2, $3, $1, $4 }' \
    "$results" | sort -t $'\t' -k1,1 -k4,4 -k5,5g | cut -f2- \
    | awk -F'\t' '
        function flush(  median) {
          if (n == 0) return
          median = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
          printf "| %s | %s | %s | %s | %s | %s | %d |\n", k[1], k[2], k[3], median, v[1], v[n], n
        }
        { key = $1 FS $2 FS $3 }
        key != last { flush(); n = 0; last = key; split(key, k, FS) }
        { v[++n] = $4 }
        END { flush() }'
}

# fsyncs: the disk by itself, without a broker.
fsyncs() {
  local line how
  "$java_home/bin/java" "$home/bench/many/Fsyncs.java" "$data/fsyncs" $active | while IFS= read -r line; do
    how=${line#*, }
    row disk "write to ${line%% *} files" "round of fsyncs with ${how%%:*}, ms" "$(sed 's/.*: \(.*\) ms/\1/' <<< "$line")"
  done
  rm -rf "$data"
}

one_run() {
  local size
  for size in $brokers; do many "$size"; done
  if [[ -n $active ]]; then written_at_once; fi
}

note "machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg), ulimit -n $(ulimit -n); results go to $results"
lograft --version >&2
java_home=$("$home/bin/lograft" --build-tools)
rm -rf "$classes"
mkdir -p "$classes"
"$java_home/bin/javac" -d "$classes" -cp "$lib" "$home/bench/many/LograftMany.java"
if [[ -n ${KAFKA_PEER:-} ]]; then
  export PEER_HOME=${PEER_HOME:-$dir/kafka}
  "$KAFKA_PEER/setup.sh" >&2
  "$java_home/bin/javac" -d "$classes" -cp "$PEER_HOME/libs/*" "$home/bench/many/KafkaMany.java"
fi
: >> "$results"
for ((i = 1; i <= runs; i++)); do
  if [[ -n $active ]]; then fsyncs; fi
  if [[ -n ${KAFKA_PEER:-} ]]; then
    system=Kafka
    one_run
  fi
  system=Lograft
  one_run
done
table
