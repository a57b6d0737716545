#!/usr/bin/env bash
# Measures how long clients cannot write when brokers are killed, paused, stopped, restarted or cut off: three brokers on
# this machine, 1,000 records of 1 KiB a second on 6 partitions, replication factor 3, acks=all, flush.mode=commit.
# Prints median, min and max of all runs. docs/recovery-times.md says what the figures mean.
#
#   RUNS        runs of each event (10)
#   CALM        seconds of load before each event, once the cluster is whole again (1.5)
#   EVENTS      events of "lograft perf failover", comma-separated (all), or "none"
#   CUT         hosts of our own in network namespaces, of which one is cut off: yes, no, or auto, which is yes for root
#               where iproute2 is there (auto)
#   BENCH_DIR   where data and results go (target/bench); data are deleted in the end
#   KAFKA_PEER  directory of a Kafka harness (setup.sh, bench.sh with group F1): each run is one of Kafka, then one of
#               Lograft, each on a freshly started cluster
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
runs=${RUNS:-10}
events=${EVENTS:-kill-leader,kill-controller,pause-leader,stop-leader,stop-controller,rolling-restart}
cut=${CUT:-auto}
results=$dir/failover-$(date +%Y%m%d-%H%M%S).tsv
data=$dir/failover-data
name=lgf$$   # of our network namespaces
net=10.99.77 # of the hosts in them; never routed outside
broker_pids=()

lograft() { "$home/bin/lograft" "$@"; }

start() {
  find_ports
  rm -rf "$data"
  lograft local start --brokers 3 --dir "$data" --port "$port" >&2
}

stop() {
  if [[ -n $port ]]; then
    lograft local stop --dir "$data" > /dev/null 2>&1 || true
    port=
  fi
  if ((${#broker_pids[@]})); then
    kill "${broker_pids[@]}" 2> /dev/null || true
    wait "${broker_pids[@]}" 2> /dev/null || true
    broker_pids=()
  fi
  remove_hosts
  rm -rf "$data"
}
trap stop EXIT
trap 'exit 130' INT TERM

# field NAME: a number out of the JSON on stdin, in which the name occurs once.
field() { sed -n "s/.*\"$1\":\(-\{0,1\}[0-9.E]*\).*/\1/p"; }

# row SYSTEM EVENT FIGURE VALUE
row() { [[ -z $4 ]] || printf '%s\t%s\t%s\t%s\n' "$@" >> "$results"; }

# rows EVENT-OR-EMPTY: reads the lines of "perf failover", one for each event, and notes their figures.
rows() {
  local line event strike heal failed
  while IFS= read -r line; do
    event=${1:-$(sed -n 's/^{"event":"\([a-z-]*\)".*/\1/p' <<< "$line")}
    if [[ $line == *'"error":'* ]]; then
      note "$event: this run FAILED: $line"
      row Lograft "$event" "runs without a result" 1
      continue
    fi
    strike=${line%%,\"heal\":*} heal=${line#*,\"heal\":}
    failed=$(field failed <<< "$strike")
    row Lograft "$event" "clients can write again after, ms" "$(field writableAfterMs <<< "$strike")"
    row Lograft "$event" "p99, ms" "$(field p99Ms <<< "$strike")"
    row Lograft "$event" "longest, ms" "$(field maxMs <<< "$strike")"
    if [[ $heal != null,* ]]; then
      failed=$((failed + $(field failed <<< "$heal")))
      row Lograft "$event" "all in sync again after, ms" "$(field inSyncMs <<< "$heal")"
      row Lograft "$event" "p99 while it comes back, ms" "$(field p99Ms <<< "$heal")"
    fi
    row Lograft "$event" "failed requests" "$failed"
    note "$event: clients can write again after $(field writableAfterMs <<< "$strike") ms, $failed requests failed"
  done
}

# local_runs N: a fresh cluster, and N rounds of all events on it.
local_runs() {
  [[ $events != none ]] || return 0
  start
  lograft --output json perf failover --dir "$data" --runs "$1" --event "$events" --calm "${CALM:-1.5}" \
    -c flush.mode=commit \
    2>> "$dir/failover.log" | tee -a "$dir/failover.json" | rows "" || note "not everything went well; see above"
  stop
}

# ---- hosts of our own

hosts() { printf '%s\n' "$name-hub" "$name-h"{0,1,2,3}; }

remove_hosts() {
  local host
  for host in $(hosts); do
    if [[ -e /run/netns/$host ]]; then ip netns delete "$host"; fi
  done
  if [[ -n ${has_route:-} ]]; then
    ip route delete unreachable "$net.0/24" 2> /dev/null || true
    has_route=
  fi
}

# Host 0 is the client's, 1 to 3 are the brokers'. The bridge is in a namespace of its own, where no rule of this machine
# concerns it.
make_hosts() {
  local i
  ip route add unreachable "$net.0/24"
  has_route=1
  ip netns add "$name-hub"
  ip -n "$name-hub" link add br0 type bridge
  ip -n "$name-hub" link set br0 up
  for i in 0 1 2 3; do
    ip netns add "$name-h$i"
    ip -n "$name-hub" link add "v$i" type veth peer name eth0 netns "$name-h$i"
    ip -n "$name-hub" link set "v$i" master br0 up
    ip -n "$name-h$i" link set lo up
    ip -n "$name-h$i" addr add "$net.1$i/24" dev eth0
    ip -n "$name-h$i" link set eth0 up
  done
}

on_client() { ip netns exec "$name-h0" "$home/bin/lograft" --bootstrap "$net.11:7400,$net.12:7400,$net.13:7400" "$@"; }

start_hosts() {
  local i at
  make_hosts
  for i in 1 2 3; do
    at=$net.1$i
    mkdir -p "$data/host-$i"
    ip netns exec "$name-h$i" "$home/bin/lograft" broker start --set "broker.id=$i" --set "log.dirs=$data/host-$i/log" \
      --set "metadata.dir=$data/host-$i/metadata" --set "advertised.address=$at:7400" \
      --set "listeners=grpc://$at:7400,raft://$at:7401,http://$at:7402" \
      --set "metadata.voters=1@$net.11:7401,2@$net.12:7401,3@$net.13:7401" \
      > "$data/host-$i/broker.out" 2>&1 < /dev/null &
    broker_pids+=($!)
  done
  for _ in {1..60}; do
    if [[ $(on_client --output json cluster describe 2> /dev/null) == *'"live"'*'"live"'*'"live"'* ]]; then
      return 0
    fi
    sleep 0.5
  done
  note "error: the brokers in the namespaces are not ready; their output is in $data"
  return 1
}

# cut_runs N: the host of a leader that is not the controller loses its network cable, N times.
cut_runs() {
  [[ $cut == yes ]] || return 0
  rm -rf "$data"
  start_hosts
  local controller victim=1
  controller=$(on_client --output json cluster describe | field controllerId)
  [[ $controller != 1 ]] || victim=2
  on_client --output json perf failover --event command --runs "$1" --calm "${CALM:-1.5}" -c flush.mode=commit \
    --run "ip -n $name-hub link set v$victim down" --heal "ip -n $name-hub link set v$victim up" \
    2>> "$dir/failover.log" | tee -a "$dir/failover.json" | rows cut-leader || note "not everything went well; see above"
  stop
}

# kafka_runs: one run of each event of the harness, which appends its figures to raw.tsv.
kafka_runs() {
  local raw=$PEER_HOME/results/raw.tsv before=0 id victim metric value rest
  [[ -f $raw ]] && before=$(wc -l < "$raw")
  RUNS=1 F1V="leader leader+controller stop-leader" "$KAFKA_PEER/bench.sh" F1 >&2
  tail -n "+$((before + 1))" "$raw" | while IFS=$'\t' read -r id victim metric value rest; do
    [[ $id == F1* ]] || continue
    case $victim in leader) victim=kill-leader ;; leader+controller) victim=kill-controller ;; esac
    case $metric in
      "gap ms") row Kafka "$victim" "clients can write again after, ms" "$value" ;;
      errors) row Kafka "$victim" "failed requests" "$value" ;;
      "back in ISR ms") row Kafka "$victim" "all in sync again after, ms" "$value" ;;
    esac
  done
}

# table: median, min and max of every figure, as Markdown.
table() {
  printf '| Event | Figure | System | Median | Min | Max | Runs |\n|---|---|---|---:|---:|---:|---:|\n'
  awk -F'\t' '!($2 in seen) { seen[$2] = ++count } { printf "%02d\t%s\t%s\t%s\t%s\n", seen[$2], $2, $3, $1, $4 }' "$results" \
    | sort -t $'\t' -k1,1 -k3,3 -k4,4 -k5,5g | cut -f2- \
    | awk -F'\t' '
        function flush(  median) {
          if (n == 0) return
          median = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
          printf "| %s | %s | %s | %s | %s | %s | %d |\n", k[1], k[2], k[3], f(median), f(v[1]), f(v[n]), n
        }
        function f(x) { return x >= 100 || x == int(x) ? sprintf("%d", x + 0.5) : sprintf("%.1f", x) }
        { key = $1 FS $2 FS $3 }
        key != last { flush(); n = 0; last = key; split(key, k, FS) }
        { v[++n] = $4 }
        END { flush() }'
}

if [[ $cut == auto ]]; then
  cut=no
  if [[ $(id -u) == 0 ]] && type -P ip > /dev/null && ip netns list > /dev/null 2>&1; then cut=yes; fi
  [[ $cut == yes ]] || note "no network is cut: that takes root and iproute2"
fi
note "machine: $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg); results go to $results"
lograft --version >&2
: >> "$results"
if [[ -n ${KAFKA_PEER:-} ]]; then
  export PEER_HOME=${PEER_HOME:-$dir/kafka}
  "$KAFKA_PEER/setup.sh" >&2
  for ((i = 1; i <= runs; i++)); do
    kafka_runs
    local_runs 1
  done
else
  local_runs "$runs"
fi
cut_runs "$runs"
table
