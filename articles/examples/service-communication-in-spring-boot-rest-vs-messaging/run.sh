#!/bin/sh
# Usage: sh run.sh [frozen | again | channels | classic]. Builds both services with Maven into a temporary folder, and runs run.mjs with them and a RabbitMQ of its own.
set -eu
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
  if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk"; break; fi
done
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || exit 127
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mvn -q -B package -Dout="$out" >"$out.log" 2>&1 || { status=$?; cat "$out.log"; exit $status; }
rm "$out.log"
node --no-warnings run.mjs "$out" "$@"
