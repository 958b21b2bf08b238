#!/bin/sh
# sh with-postgres.sh PROGRAM: runs a Node program with PGHOST and PGUSER of a PostgreSQL server of its own, in a temporary folder,
# reached by a Unix socket only. Needs initdb and pg_ctl on the path, and the package pg (npm ci in this repository).
set -eu
dir=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$dir"; fi
trap '(cd "$dir" && $as pg_ctl -D "$dir/data" -m immediate stop >/dev/null); rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
(
    cd "$dir"
    $as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
    $as pg_ctl -D "$dir/data" -w -l "$dir/log" -o "-c listen_addresses='' -c fsync=off -c autovacuum=off -c jit=off -k $dir" start >/dev/null
)
PGHOST=$dir PGUSER=demo PGDATABASE=postgres node "$@"
