#!/bin/sh
# sh run.sh: starts a PostgreSQL server of its own in a temporary folder, on a port of the loopback interface, fills it, builds the
# application with Maven, and measures its page. "sh run.sh agent" opens one page with OpenTelemetry's agent instead, and sums up its trace.
# Needs initdb, pg_ctl and psql on the path, a JDK 25 and Maven, and Node for the agent's trace.
set -eu
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
    if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk"; break; fi
done
dir=$(mktemp -d)
out=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$dir"; fi
trap '(cd "$dir" && $as pg_ctl -D "$dir/data" -m immediate stop >/dev/null); rm -rf "$dir" "$out"' EXIT
trap 'exit 1' INT TERM
export PGPORT="${PGPORT:-54341}" PGHOST=127.0.0.1 PGUSER=demo PGDATABASE=postgres
(
    cd "$dir"
    $as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
    $as pg_ctl -D "$dir/data" -w -l "$dir/log" -o "-p $PGPORT -k $dir -c listen_addresses=127.0.0.1" start >/dev/null
)
psql -qXf shop.sql
mvn -q -B -Dout="$out" package >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
if [ "${1:-}" = agent ]; then
    mvn -q -B dependency:copy -Dartifact=io.opentelemetry.javaagent:opentelemetry-javaagent:2.21.0 -Dmdep.stripVersion -DoutputDirectory="$out" >"$out/log" 2>&1 ||
        { cat "$out/log"; exit 1; }
    "$JAVA_HOME/bin/java" -javaagent:"$out/opentelemetry-javaagent.jar" -Dotel.instrumentation.jdbc-datasource.enabled=true -Dotel.metrics.exporter=none \
        -Dotel.logs.exporter=none -Dotel.traces.exporter=logging-otlp -cp "$out/classes:$out/lib/*" example.Measure agent >"$out/spans" 2>&1
    node spans.mjs "$out/spans"
    exit
fi
"$JAVA_HOME/bin/java" -Drounds="${ROUNDS:-25}" -cp "$out/classes:$out/lib/*" example.Measure 2>"$out/errors" || { cat "$out/errors"; exit 1; }
