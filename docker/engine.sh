#!/usr/bin/env bash
# Brings a Docker engine up where none answers, and down again: for tests on a machine that has root but no engine.
#
#   docker/engine.sh up DIR     installs what is missing (Debian or Ubuntu, as root) and starts an engine with its data in DIR
#   docker/engine.sh down DIR   stops the engine that "up DIR" started, and puts the packet filter back as it was
#
# An engine that already answers is used as it is, and left alone.
set -euo pipefail

verb=${1:-}
dir=${2:-}
[[ $verb == @(up|down) && -n $dir ]] || { echo "usage: $0 up|down DIR" >&2; exit 2; }
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
export DEBIAN_FRONTEND=noninteractive

fail() { echo "error: $*" >&2; exit 1; }

# Compose as a plugin of the docker command. Debian 12 has only the old one, so it is taken from Debian 13.
compose_plugin() {
  docker compose version > /dev/null 2>&1 && return 0
  apt-get install -y -q --no-install-recommends docker-compose-v2 > /dev/null 2>&1 \
    || apt-get install -y -q --no-install-recommends docker-compose-plugin > /dev/null 2>&1 || true
  docker compose version > /dev/null 2>&1 && return 0
  local mirror apt=$dir/apt
  # shellcheck disable=SC2016  # the braces are apt's
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2> /dev/null | grep -m 1 '/debian/*$') \
    || fail "the Docker compose plugin is needed; install it"
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/root"
  echo "deb $mirror trixie main" > "$apt/sources.list"
  local -a options=(-q -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update > /dev/null
  (cd "$apt" && apt-get "${options[@]}" download docker-compose > /dev/null)
  dpkg-deb -x "$apt"/docker-compose_*.deb "$apt/root"
  mkdir -p /usr/local/lib/docker/cli-plugins
  cp "$apt"/root/usr/libexec/docker/cli-plugins/docker-compose /usr/local/lib/docker/cli-plugins/
  rm -rf "$apt"
  docker compose version > /dev/null 2>&1 || fail "the Docker compose plugin could not be installed"
}

up() {
  if docker info > /dev/null 2>&1; then
    docker compose version > /dev/null 2>&1 && return 0
    [[ $(id -u) == 0 ]] || fail "the Docker compose plugin is needed; install it"
    compose_plugin
    return 0
  fi
  [[ $(id -u) == 0 ]] || fail "no Docker engine answers; start one (or, as root on Debian or Ubuntu, this script does)"
  type -P apt-get > /dev/null || fail "no Docker engine answers; install and start one"
  local -a missing=()
  type -P dockerd > /dev/null || missing+=(docker.io)
  type -P iptables > /dev/null || missing+=(iptables)
  if ((${#missing[@]})); then
    echo "Installing ${missing[*]} …"
    apt-get update -q > /dev/null
    apt-get install -y -q --no-install-recommends "${missing[@]}" > /dev/null
  fi
  compose_plugin
  iptables-save > "$dir/iptables" 2> /dev/null || true
  cat /proc/sys/net/ipv4/ip_forward > "$dir/ip_forward"
  setsid nohup dockerd --data-root "$dir/data" --pidfile "$dir/dockerd.pid" > "$dir/dockerd.log" 2>&1 < /dev/null &
  for _ in {1..150}; do
    docker info > /dev/null 2>&1 && return 0
    sleep 0.2
  done
  tail -n 20 "$dir/dockerd.log" >&2
  fail "the Docker engine does not answer; its log is $dir/dockerd.log"
}

# With nothing saved (there were no rules before), drops Docker's.
restore_packet_filter() {
  if [[ -s $dir/iptables ]]; then
    iptables-restore < "$dir/iptables" || true
  fi
  local table
  for table in filter nat; do
    if ! grep -q "^\*$table" "$dir/iptables" 2> /dev/null; then
      iptables -t "$table" -F 2> /dev/null || true
      iptables -t "$table" -X 2> /dev/null || true
    fi
  done
  grep -q '^\*filter' "$dir/iptables" 2> /dev/null || iptables -P FORWARD ACCEPT 2> /dev/null || true
}

down() {
  [[ -f $dir/dockerd.pid ]] || return 0
  local pid
  pid=$(< "$dir/dockerd.pid")
  kill "$pid" 2> /dev/null || true
  for _ in {1..150}; do
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.2
  done
  if kill -0 "$pid" 2> /dev/null; then fail "the Docker engine (process $pid) does not stop"; fi
  rm -f "$dir/dockerd.pid"
  ip link delete docker0 2> /dev/null || true
  restore_packet_filter
  cat "$dir/ip_forward" > /proc/sys/net/ipv4/ip_forward 2> /dev/null || true
  rm -rf "$dir/data"
}

"$verb"
