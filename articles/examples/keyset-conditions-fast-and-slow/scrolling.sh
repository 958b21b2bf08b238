#!/bin/sh
# sh scrolling.sh: starts a PostgreSQL server of its own on a port of the loopback interface, compiles and runs spring/ with Maven, and
# removes both. Needs initdb and pg_ctl on the path, JDK 25 and Maven.
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
PGPORT=${PGPORT:-54321}
(
    cd "$dir"
    $as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
    $as pg_ctl -D "$dir/data" -w -l "$dir/log" -o "-c listen_addresses=127.0.0.1 -p $PGPORT -c fsync=off -c jit=off -c max_parallel_workers_per_gather=0 -k $dir" start >/dev/null
)
export PGPORT
PGUSER=demo mvn -q -B -f spring/pom.xml -DbuildDirectory="$out" compile exec:java 2>/dev/null
