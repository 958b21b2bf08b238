#!/bin/sh
# sh run.sh: starts a PostgreSQL server of its own in a temporary folder, on a port of the loopback interface, builds the
# application with Maven, and uses up its pool in five ways. Needs initdb, pg_ctl and psql on the path, a JDK 25 and Maven.
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
export PGPORT="${PGPORT:-54361}" PGHOST=127.0.0.1 PGUSER=demo PGDATABASE=postgres
(
    cd "$dir"
    $as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
    $as pg_ctl -D "$dir/data" -w -l "$dir/log" -o "-p $PGPORT -k $dir -c listen_addresses=127.0.0.1" start >/dev/null
)
psql -qX -c "create table orders as select n::bigint as id, 'paid' as status from generate_series(1, 1000) n"
mvn -q -B -Dout="$out" package >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
"$JAVA_HOME/bin/java" -cp "$out/classes:$out/lib/*" example.Main 2>"$out/errors" || { cat "$out/errors"; exit 1; }
