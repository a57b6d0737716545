#!/usr/bin/env bash
# Where the CPU time of brokers and client goes: a three-broker cluster under a produce and a consume load, recorded with
# the JDK's flight recorder. Prints the methods on top of the stack most often; the recordings stay for a closer look.
#
#   RECORDS    records of 200 bytes (5000000)
#   MODE       flush mode of the topic (commit)
#   BENCH_DIR  where recordings and data go (target/bench); data are deleted in the end
set -euo pipefail

# shellcheck source-path=SCRIPTDIR
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
records=${RECORDS:-5000000}
mode=${MODE:-commit}
data=$dir/profile-data
recordings=$dir/profile

# recorded NAME COMMAND…: with a recording NAME-PID.jfr of every JVM that the command starts.
recorded() {
  local name=$1
  shift
  LOGRAFT_JAVA_OPTS="-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=$recordings/$name-%p.jfr" "$@"
}

stop() {
  [[ -n $port ]] || return 0
  lograft local stop --dir "$data" --port "$port" > /dev/null 2>&1 || true
  rm -rf "$data"
  port=
}
trap stop EXIT

rm -rf "$data" "$recordings"
mkdir -p "$recordings"
find_ports
recorded broker lograft local start --brokers 3 --dir "$data" --port "$port" > /dev/null
lograft perf produce warm --create -p 6 -r 3 -c "flush.mode=$mode" --records 2000000 --size 200 > /dev/null 2>&1
recorded produce lograft perf produce load --create -p 6 -r 3 -c "flush.mode=$mode" --records "$records" --size 200
recorded consume lograft perf consume load --records "$records"
stop
# The command that starts the brokers is recorded, too; it has nothing to show.
for file in $(ls -S "$recordings"/broker-*.jfr | head -3) "$recordings"/produce-*.jfr "$recordings"/consume-*.jfr; do
  printf '\n== %s\n' "${file##*/}"
  # The JDK that the brokers run with: older ones have no "view".
  jfr=$("$home/bin/lograft" --build-tools)/bin/jfr
  "$jfr" view --width 150 --truncate beginning hot-methods "$file" | head -30
done
