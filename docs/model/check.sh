#!/usr/bin/env bash
# Checks the model of the replication protocol with Spin: that the protocol keeps its invariants, that interesting states
# are reached, and that deliberate mistakes are found. Prints one line for each; README.md says what they are.
#
#   docs/model/check.sh             all (about five minutes and 2 GB)
#   docs/model/check.sh NAME…       only these
#   docs/model/check.sh --trail NAME  the steps that lead to a mistake or a state
#   docs/model/check.sh --list      names and definitions
#
#   MODEL_DIR   where programs and trails go (target/model)
#   TIME_MAX    seconds after which a search to the end is given up, and counts as failed (3600)
#   SAMPLE_TIME seconds for each of the searches that cannot come to an end (60)
#
# As root on Debian or Ubuntu it installs spin and gcc where they are missing; otherwise it says what to install.
set -euo pipefail

home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
model=$home/docs/model/replication.pml
dir=${MODEL_DIR:-$home/target/model}
time_max=${TIME_MAX:-3600}
sample_time=${SAMPLE_TIME:-60}

# kind, name, definitions. "holds": searched to the end, nothing may be found. "sample": as far as a table of bits and the
# time allow, nothing may be found. "found": breadth first, so that the trail is as short as can be; it must be found.
checks() {
  cat << 'END'
found  two-records-committed          -DREACH_COMMIT -DCRASHES=0
found  leader-after-commit            -DREACH_LEADER_AFTER_COMMIT -DCRASHES=0
found  eligible-leader                -DREACH_ELIGIBLE_LEADER -DCRASHES=0
found  truncation-after-commit        -DREACH_TRUNCATION -DCRASHES=0
found  commit-by-deposed-leader       -DREACH_COMMIT_BY_DEPOSED -DCRASHES=0
found  commit-in-last-epoch           -DREACH_COMMIT_IN_LAST_EPOCH -DCRASHES=0
found  acknowledge-before-flush       -DM_ACKNOWLEDGE_BEFORE_FLUSH -DPOWER_CUTS -DCRASHES=1
found  truncate-to-high-watermark     -DM_TRUNCATE_TO_HIGH_WATERMARK -DMARKS -DCRASHES=1
found  truncation-skipped             -DM_TRUNCATION_SKIPPED -DCRASHES=0
found  leavers-not-counted            -DM_LEAVERS_NOT_COUNTED -DCRASHES=0
found  joiners-not-counted            -DM_JOINERS_NOT_COUNTED -DCRASHES=0
found  leader-outside-both-sets       -DM_LEADER_OUTSIDE_BOTH_SETS -DCRASHES=0
found  eligible-never-emptied         -DM_ELIGIBLE_NEVER_EMPTIED -DCRASHES=0
found  leader-epoch-reused            -DM_LEADER_EPOCH_REUSED -DPOWER_CUTS -DCRASHES=1
found  broker-epoch-not-checked       -DM_BROKER_EPOCH_NOT_CHECKED -DLOSSES=1 -DCRASHES=0
found  partition-epoch-not-checked    -DM_PARTITION_EPOCH_NOT_CHECKED -DCRASHES=0
found  loss-not-told                  -DM_LOSS_NOT_TOLD -DLOSSES=1 -DCRASHES=0
found  commits-below-minimum          -DM_COMMITS_BELOW_MINIMUM -DCRASHES=0
found  joins-at-high-watermark        -DM_JOINS_AT_HIGH_WATERMARK -DCRASHES=0
found  positions-kept                 -DM_POSITIONS_KEPT -DCRASHES=0
found  position-outlives-registration -DM_POSITION_OUTLIVES_REGISTRATION -DLOSSES=1 -DCRASHES=0
holds  commit-one-record              -DPOWER_CUTS -DCRASHES=2 -DHAND_OVERS -DRECORDS=1
holds  commit-two-epochs              -DPOWER_CUTS -DCRASHES=1 -DHAND_OVERS -DLEADER_EPOCHS=2
holds  no-crash-three-epochs          -DCRASHES=0
holds  any-crashes-one-record         -DHAND_OVERS -DRECORDS=1
holds  minimum-1-one-record           -DMINIMUM=1 -DPOWER_CUTS -DCRASHES=2 -DRECORDS=1
holds  minimum-1-two-epochs           -DMINIMUM=1 -DPOWER_CUTS -DCRASHES=1 -DHAND_OVERS -DLEADER_EPOCHS=2
holds  os-or-disk-one-record          -DLOSSES=2 -DCRASHES=1 -DRECORDS=1
holds  os-or-disk-two-epochs          -DLOSSES=1 -DCRASHES=1 -DLEADER_EPOCHS=2
holds  marks-two-epochs               -DMARKS -DCRASHES=1 -DLEADER_EPOCHS=2
sample commit-larger                  -DPOWER_CUTS -DCRASHES=2 -DHAND_OVERS -DRECORDS=3 -DLEADER_EPOCHS=4
sample os-or-disk-larger              -DLOSSES=2 -DCRASHES=1 -DHAND_OVERS -DRECORDS=3 -DLEADER_EPOCHS=4
END
}

note() { printf '%s\n' "$*" >&2; }

list=
trail=
case ${1:-} in
  -h | --help) sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
  --list) list=1; shift ;;
  --trail) trail=1; shift ;;
  -*) note "error: unknown option $1; docs/model/check.sh --help says what there is"; exit 2 ;;
esac
if [[ -n $list ]]; then
  checks
  exit 0
fi
for name in "$@"; do
  checks | awk -v name="$name" '$2 == name { found = 1 } END { exit !found }' \
    || { note "error: there is no check '$name'; --list says what there is"; exit 2; }
done

if ! type -P spin > /dev/null || ! type -P gcc > /dev/null; then
  if [[ $(id -u) == 0 ]] && type -P apt-get > /dev/null; then
    note "Installing spin and gcc …"
    apt-get update -q > /dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends spin gcc libc6-dev > /dev/null
  else
    note "error: this needs Spin 6.5 or later and gcc; install them (Debian: apt-get install spin gcc libc6-dev)"
    exit 1
  fi
fi

child=
stop() { [[ -z $child ]] || kill "$child" 2> /dev/null || true; }
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# number PATTERN: the first word of the first line of the checker's output that matches.
number() { awk -v pattern="$1" '$0 ~ pattern { printf "%d", $1; exit }' out; }

# check KIND NAME DEFINITIONS: prints the line; fails where the result is not the one expected.
check() {
  local kind=$1 name=$2 compile=() run=() limit=$time_max started status=0 result verdict=ok errors depth
  local -a definitions
  read -ra definitions <<< "$3"
  case $kind in
    holds) run=(-m1000000 -w26) ;;
    sample) compile=(-DBITSTATE) run=(-m100000 -w32 -k3) limit=$sample_time ;;
    found) compile=(-DBFS) definitions+=(-DBREADTH_FIRST) run=(-w22) ;;
  esac
  rm -rf "${dir:?}/$name"
  mkdir -p "$dir/$name"
  cd "$dir/$name"
  cp "$model" .
  spin -a "${definitions[@]}" replication.pml > spin.out 2>&1 || { cat spin.out >&2; return 1; }
  gcc -O2 -w -DSAFETY -DNOREDUCE -DNOFAIR -DVECTORSZ=256 "${compile[@]}" -o pan pan.c
  started=$SECONDS
  timeout -s INT "$limit" nice ./pan -E "${run[@]}" > out 2>&1 &
  child=$!
  wait "$child" || status=$?
  child=
  errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' out)
  depth=$(sed -n 's/^pan:1: .*(at depth \([0-9]*\)).*/\1/p' out)
  if [[ -z $errors ]]; then
    result="the checker failed"
    verdict=FAILED
  elif [[ $errors != 0 ]]; then
    result="found after $((depth + 1)) steps"
    [[ $kind == found ]] || verdict=FAILED
  elif [[ $kind == sample ]]; then
    result="nothing found, not exhaustive"
  elif grep -q -e 'Search not completed' -e 'max search depth too small' out || [[ $status == 124 ]]; then
    result="not completed"
    verdict=FAILED
  else
    result="nothing found, complete"
    [[ $kind == holds ]] || verdict=FAILED
  fi
  printf '%-6s %-30s %10s states %5s s %5s MB  %s\n' "$verdict" "$name" "$(number 'states, stored')" \
    "$((SECONDS - started))" "$(number 'total actual memory')" "$result"
  if [[ $verdict == FAILED ]]; then
    sed -n 's/^pan:1: /        /p' out
    return 1
  fi
}

show_trail() {
  local kind=$1 name=$2
  local -a definitions
  read -ra definitions <<< "$3"
  [[ $kind != found ]] || definitions+=(-DBREADTH_FIRST)
  cd "$dir/$name"
  spin -t "${definitions[@]}" replication.pml | grep -E '^ *(broker|the controller|spin: .*Error)' || true
}

failed=0
while read -r kind name definitions; do
  if [[ $# != 0 && " $* " != *" $name "* ]]; then
    continue
  fi
  check "$kind" "$name" "$definitions" || failed=$((failed + 1))
  [[ -z $trail ]] || show_trail "$kind" "$name" "$definitions"
done < <(checks)

if [[ $failed != 0 ]]; then
  note "$failed checks of the model failed; programs, outputs and trails are in $dir"
  exit 1
fi
