#!/bin/sh
# sh with-postgres.sh COMMAND: starts a PostgreSQL server of its own in a temporary folder, on a port of the loopback interface, runs the
# command, and removes the server. Needs initdb, pg_ctl and psql on the path. The settings are PostgreSQL's own, except those after -c.
set -eu
dir=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$dir"; fi
trap '(cd "$dir" && $as pg_ctl -D "$dir/data" -m immediate stop >/dev/null); rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
export PGPORT="${PGPORT:-54337}" PGHOST=127.0.0.1 PGUSER=demo PGDATABASE=postgres PGLOG="$dir/log" PGOPTIONS="-c client_min_messages=warning"
(
    cd "$dir"
    $as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
    $as pg_ctl -D "$dir/data" -w -l "$dir/log" -o "-p $PGPORT -k $dir -c listen_addresses=127.0.0.1 \
        -c shared_preload_libraries=pg_stat_statements -c autovacuum_naptime=1s" start >/dev/null
)
"$@"
