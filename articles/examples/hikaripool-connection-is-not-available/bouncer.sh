#!/bin/sh
# sh bouncer.sh: starts a PostgreSQL server and a PgBouncer of its own in a temporary folder, on two ports of the loopback interface,
# and lets two pools of HikariCP share them. Needs initdb, pg_ctl, psql and pgbouncer on the path, a JDK 25 and Maven.
set -eu
for jdk in /usr/lib/jvm/*25* "${JAVA_HOME:-}"; do
    if [ -x "$jdk/bin/javac" ]; then export JAVA_HOME="$jdk"; break; fi
done
PATH=$PATH:/usr/sbin
dir=$(mktemp -d)
out=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$dir"; fi
trap 'kill "$bouncer" 2>/dev/null || true; (cd "$dir" && $as pg_ctl -D "$dir/data" -m immediate stop >/dev/null); rm -rf "$dir" "$out"' EXIT
trap 'exit 1' INT TERM
bouncer=""
export PGPORT="${PGPORT:-54362}" PGHOST=127.0.0.1 PGUSER=demo PGDATABASE=postgres
front=$((PGPORT + 1))
(
    cd "$dir"
    $as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
    $as pg_ctl -D "$dir/data" -w -l "$dir/log" -o "-p $PGPORT -k $dir -c listen_addresses=127.0.0.1" start >/dev/null
)
mvn -q -B -Dout="$out" package >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
cat >"$dir/bouncer.ini" <<INI
[databases]
postgres = host=127.0.0.1 port=$PGPORT user=demo
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $front
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
INI
start_bouncer() {
    $as pgbouncer "$dir/bouncer.ini" >>"$dir/bouncer.log" 2>&1 &
    bouncer=$!
    until psql -qXAt -p "$front" -c "select 1" >/dev/null 2>&1; do sleep 0.1; done
}
run() { "$JAVA_HOME/bin/java" -cp "$out/classes:$out/lib/*" example.Bouncer "$@" 2>"$out/errors" || { cat "$out/errors"; exit 1; }; }
init="set statement_timeout = '5s'"
echo "Of 1,000 transactions of each of two pools"
echo "without PgBouncer"
run "$PGPORT" "$init"
echo "behind PgBouncer, pool_mode = transaction, three sessions"
start_bouncer
run "$front" "$init"
kill "$bouncer"
wait "$bouncer" 2>/dev/null || true
echo "the same, but with alter role demo set statement_timeout = '5s'"
psql -qX -c "alter role demo set statement_timeout = '5s'"
start_bouncer
run "$front"
