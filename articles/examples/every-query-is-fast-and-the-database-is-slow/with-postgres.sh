#!/bin/sh
# sh with-postgres.sh CLASS ARGUMENTS: starts a PostgreSQL server of its own in a temporary folder, on a port of the loopback interface,
# compiles java/ with Maven, runs the class, and removes both. Needs initdb, pg_ctl and psql on the path, JDK 25 and Maven.
# PostgreSQL has the second CPU to itself and the program has the first. The settings are PostgreSQL's own (fsync is on), except those
# after -c.
set -eu
dir=$(mktemp -d)
out=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$dir"; fi
trap '(cd "$dir" && $as pg_ctl -D "$dir/data" -m immediate stop >/dev/null); rm -rf "$dir" "$out"' EXIT
trap 'exit 1' INT TERM
export PGPORT="${PGPORT:-54322}" PGHOST=127.0.0.1 PGUSER=demo PGDATABASE=postgres PGLOG="$dir/log"
(
    cd "$dir"
    $as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
    taskset -c 1 $as pg_ctl -D "$dir/data" -w -l "$dir/log" -o "-p $PGPORT -k $dir -c listen_addresses=127.0.0.1 \
        -c max_connections=120 -c shared_preload_libraries=pg_stat_statements -c log_min_duration_statement=100" start >/dev/null
    psql -q -c "create role app login in role pg_write_all_data, pg_read_all_data"
)
class=$1
shift
taskset -c 0 mvn -q -B -f java/pom.xml -DbuildDirectory="$out" compile exec:java -Dexec.mainClass="example.$class" -Dexec.args="$*" 2>"$out/errors" ||
    { cat "$out/errors"; exit 1; }
