#!/usr/bin/env bash
# Measures how soon a broker serves again that holds many partitions and much data: after kill -9 under load, and after an
# orderly stop. Prints median, min and max; deletes the data in the end.
#
# One partition is filled through the broker. Its closed segments are hard-linked, and its open one copied, into all others:
# the files are those of real logs, at their full size, and take little room. After kill -9 what was read again lies in the
# open segments and so in files of their own.
#
#   RUNS        runs of each kind (5)
#   PARTITIONS  partitions with data (1000)
#   GIGABYTES   their data together (50)
#   RATE        records of 1 KiB a second that are written to all of them when the broker is killed (5000)
#   LOAD_S      seconds of that load (15)
#   COLD=1      as root: drops the system's caches before each start (other users of the machine feel it)
#   BENCH_DIR   where data go (target/bench); needs room for 4 MiB a partition
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
runs=${RUNS:-5}
partitions=${PARTITIONS:-1000}
gigabytes=${GIGABYTES:-50}
rate=${RATE:-5000}
load=${LOAD_S:-15}
data=$dir/restart-data
segment=$((8 << 20))
broker_pid=

now_ms() { date +%s%3N; }

broker() {
  lograft broker "$@" --set broker.id=1 --set "log.dirs=$data/logs" --set "metadata.dir=$data/metadata" \
    --set "listeners=grpc://127.0.0.1:$port,raft://127.0.0.1:$((port + 1)),http://127.0.0.1:$((port + 2))" \
    --set "log.segment.bytes=$segment"
}

start() {
  local said
  if [[ ${COLD:-} == 1 ]]; then
    sync
    echo 3 > /proc/sys/vm/drop_caches
  fi
  said=$(broker start --daemon)
  broker_pid=$(grep -o 'process [0-9]*' <<< "$said" | cut -d' ' -f2)
}

stop() {
  [[ -z $broker_pid ]] || broker stop > /dev/null
  broker_pid=
}

finish() {
  [[ -z $broker_pid ]] || kill -9 "$broker_pid" 2> /dev/null || true
  rm -rf "$data"
}
trap finish EXIT
trap 'exit 130' INT TERM

# summary NAME VALUE…: a row of the table.
summary() {
  local name=$1
  shift
  printf '%s\n' "$@" | sort -n | awk -v name="$name" '
    { v[NR] = $1 }
    END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; printf "| %s | %s | %s | %s | %d |\n", name, m, v[1], v[NR], NR }'
}

# What the broker itself says that the opening of its logs took, in its last start.
opened_ms() { grep -h -o 'logs are recovered.*after [0-9]* ms' "$data"/logs/*.log "$data"/*.log "$data"/logs/*.out 2> /dev/null | tail -1 | grep -o '[0-9]* ms$' | cut -d' ' -f1; }

# served WHAT: starts the broker, writes a record to every partition, and notes the times.
served() {
  local from
  from=$(now_ms)
  start
  ready=$(($(now_ms) - from))
  lograft perf produce many --keyed --records "$((partitions * 4))" --size 100 > /dev/null 2>&1
  written=$(($(now_ms) - from))
  opened=$(opened_ms || true)
  note "$1: ready after $ready ms (logs opened in ${opened:-?} ms), $((partitions * 4)) records acknowledged after $written ms"
}

fill() {
  local each=$((gigabytes * 1000000 / partitions)) from p
  start
  lograft topic create many -p "$partitions" -r 1 > /dev/null
  lograft topic create template -p 1 -r 1 > /dev/null
  lograft perf produce template --records "$each" --size 1000 > /dev/null 2>&1
  sleep 6 # until checkpoints tell that the logs are new
  stop
  from=$data/logs/template-0
  local last file sealed=() open=()
  last=$(cd "$from" && printf '%s\n' *.log | tail -1)
  for file in "$from"/*; do
    case ${file##*/} in
      partition.metadata | truncation-point) ;;
      "${last%.log}".* | leader-epoch-checkpoint) open+=("$file") ;;
      *) sealed+=("$file") ;;
    esac
  done
  # The last snapshot is written again at each stop, but as a new file would be: in place.
  for file in "${sealed[@]}"; do
    [[ $file != *.snapshot ]] || open+=("$file")
  done
  for ((p = 0; p < partitions; p++)); do
    rm "$data/logs/many-$p"/{0*,leader*,truncation*} 2> /dev/null || true
    cp -l "${sealed[@]}" "$data/logs/many-$p/"
    cp --remove-destination "${open[@]}" "$data/logs/many-$p/"
  done
  note "$(du -s --apparent-size -l -BM "$data/logs" | cut -f1) of logs in $partitions partitions, on $(du -s -BM "$data/logs" | cut -f1) of disk"
}

rm -rf "$data"
mkdir -p "$data"
find_ports
fill
start
orderly_ready=() orderly_written=() killed_ready=() killed_written=() orderly_opened=() killed_opened=()
for ((run = 1; run <= runs; run++)); do
  stop
  served "after an orderly stop"
  orderly_ready+=("$ready") orderly_written+=("$written") orderly_opened+=("${opened:-0}")
  lograft perf produce many --keyed --rate "$rate" --records "$((rate * load * 2))" --size 1000 > /dev/null 2>&1 &
  load_pid=$!
  sleep "$load"
  kill -9 "$broker_pid"
  from=$(now_ms)
  # What it held is free once the kernel has taken down its memory, some time after it counts as dead.
  while [[ -e /proc/$broker_pid ]] && (($(now_ms) - from < 5000)); do sleep 0.01; done
  note "gone $(($(now_ms) - from)) ms after kill -9"
  kill "$load_pid" 2> /dev/null || true
  wait "$load_pid" 2> /dev/null || true
  served "after kill -9"
  killed_ready+=("$ready") killed_written+=("$written") killed_opened+=("${opened:-0}")
done
printf '| Restart of a broker with %s GB in %s partitions | Median | Min | Max | Runs |\n|---|---:|---:|---:|---:|\n' "$gigabytes" "$partitions"
summary "orderly stop: process start to ready, ms" "${orderly_ready[@]}"
summary "orderly stop: … of which opening the logs, ms" "${orderly_opened[@]}"
summary "orderly stop: … to $((partitions * 4)) records in all partitions acknowledged, by a second command, ms" "${orderly_written[@]}"
summary "kill -9: process start to ready, ms" "${killed_ready[@]}"
summary "kill -9: … of which opening the logs, ms" "${killed_opened[@]}"
summary "kill -9: … to $((partitions * 4)) records in all partitions acknowledged, by a second command, ms" "${killed_written[@]}"
