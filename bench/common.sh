# What all benchmarks here share; to be sourced. Sets `home`, the project; `dir`, where data and results go (BENCH_DIR, or
# target/bench); and `port`, empty until find_ports.
home=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dir=${BENCH_DIR:-$home/target/bench}
mkdir -p "$dir"
dir=$(cd -P "$dir" && pwd)
port=

note() { printf '%s\n' "$*" >&2; }
lograft() { "$home/bin/lograft" --bootstrap "127.0.0.1:$port" "$@"; }
is_free() { ! (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# Sets `port` to the first of 30 ports that nothing listens at.
find_ports() {
  local i
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 12000))
    for i in {0..29}; do is_free $((port + i)) || continue 2; done
    return 0
  done
  note "error: no 30 free ports in a row"
  return 1
}
