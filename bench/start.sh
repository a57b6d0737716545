#!/usr/bin/env bash
# Measures the start of a three-broker cluster on empty disks, from the command to the first acknowledged record, and what
# the brokers need when idle. Prints median, min and max.
#
#   RUNS       runs (5)
#   IDLE_S     seconds of rest before memory is read, in the last run (30)
#   BENCH_DIR  where data go (target/bench); they are deleted in the end
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
runs=${RUNS:-5}
idle=${IDLE_S:-30}
data=$dir/start-data

now_ms() { date +%s%3N; }

stop() {
  [[ -n $port ]] || return 0
  lograft local stop --dir "$data" --port "$port" > /dev/null 2>&1 || true
  rm -rf "$data"
  port=
}
trap stop EXIT

# summary NAME VALUE…: a row of the table.
summary() {
  local name=$1
  shift
  printf '%s\n' "$@" | sort -n | awk -v name="$name" '
    { v[NR] = $1 }
    END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; printf "| %s | %s | %s | %s | %d |\n", name, m, v[1], v[NR], NR }'
}

"$home/bin/lograft" --version >&2
ready=() first=() version=() list=() memory=()
for ((run = 1; run <= runs; run++)); do
  rm -rf "$data"
  find_ports
  from=$(now_ms)
  lograft local start --brokers 3 --dir "$data" --port "$port" > /dev/null
  ready+=($(($(now_ms) - from)))
  lograft perf produce first --create -p 6 -r 3 --records 1 --size 200 > /dev/null 2>&1
  first+=($(($(now_ms) - from)))
  from=$(now_ms)
  lograft --version > /dev/null
  version+=($(($(now_ms) - from)))
  from=$(now_ms)
  lograft topic list > /dev/null
  list+=($(($(now_ms) - from)))
  if ((run == runs)); then
    sleep "$idle"
    while read -r bytes; do memory+=($((bytes >> 20))); done < <(lograft --output json local status --dir "$data" --port "$port" \
      | grep -o '"memoryBytes":[0-9]*' | cut -d: -f2)
  fi
  stop
  sleep 1
done
printf '| What | Median | Min | Max | Runs |\n|---|---:|---:|---:|---:|\n'
summary "local start, three brokers, empty disks: to all ready, ms" "${ready[@]}"
summary "… to the first acknowledged record, by a second command, ms" "${first[@]}"
summary "lograft --version, ms" "${version[@]}"
summary "lograft topic list, ms" "${list[@]}"
if ((${#memory[@]})); then summary "resident memory of an idle broker, MiB" "${memory[@]}"; fi
