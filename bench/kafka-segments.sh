#!/usr/bin/env bash
# Has a real Kafka broker write the golden partitions in broker-node/src/test/resources/golden/kafka, and replaces them.
#   KAFKA_PEER=DIR bench/kafka-segments.sh
# KAFKA_PEER is a directory with setup.sh and cluster.sh, which get Kafka's jars into PEER_HOME and start brokers there.
# Review the difference: files of old versions are kept on purpose, so that old logs stay readable.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
: "${KAFKA_PEER:?the directory of the scripts that start Kafka}"
export PEER_HOME=${PEER_HOME:-$dir/kafka} HEAP=${HEAP:-512m}
target=$home/broker-node/src/test/resources/golden/kafka
"$KAFKA_PEER/setup.sh" >&2
"$KAFKA_PEER/cluster.sh" start 1 >&2
trap '"$KAFKA_PEER/cluster.sh" stop >&2' EXIT
work=$(mktemp -d)
java=${PEER_JAVA_HOME:-${JAVA_HOME:-/usr}}/bin/java
"$java" -Dpeer.log=WARN -Dlog4j2.configurationFile="$PEER_HOME/log4j2.xml" -cp "$PEER_HOME/libs/*" "$home/bench/KafkaSegments.java" \
  "$("$KAFKA_PEER/cluster.sh" bootstrap)" "$work" >&2
"$KAFKA_PEER/cluster.sh" stop >&2
trap - EXIT
rm -rf "$target"
for topic in created appended; do
  mkdir -p "$target/$topic"
  cp "$PEER_HOME/data/1/$topic-0"/*.{log,index,timeindex,snapshot} "$target/$topic/"
  cp "$work/$topic.txt" "$target/$topic.txt"
done
cat "$PEER_HOME/libs/.version" > "$target/version.txt"
rm -rf "$work"
du -sh "$target" >&2
