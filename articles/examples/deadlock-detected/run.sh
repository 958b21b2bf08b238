#!/bin/sh
# sh run.sh: starts a PostgreSQL server of its own in a temporary folder, on a port of the loopback interface, builds the
# application with Maven, and runs into deadlocks in six ways. Needs initdb, pg_ctl and psql on the path, a JDK 25 and Maven.
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
export PGPORT="${PGPORT:-54163}" PGHOST=127.0.0.1 PGUSER=demo PGDATABASE=postgres SERVER_LOG="$dir/log"
(
    cd "$dir"
    $as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
    $as pg_ctl -D "$dir/data" -w -l "$dir/log" -o "-p $PGPORT -k $dir -c listen_addresses=127.0.0.1" start >/dev/null
)
# Shelf 1 has the products 1 to 500, stored from the last to the first.
psql -qX <<'SQL'
create table stock (id bigint primary key, shelf int not null, amount int not null);
insert into stock select n, (n + 499) / 500, 1000 from generate_series(20000, 1, -1) n;
create index on stock (shelf);
create table order_lines (id bigserial primary key, product bigint not null references stock);
create table customers (id bigint primary key, name text);
insert into customers values (1, 'Lindqvist');
create table last_seen (device text primary key, at timestamptz not null);
analyze;
SQL
mvn -q -B -Dout="$out" package >"$out/log" 2>&1 || { cat "$out/log"; exit 1; }
"$JAVA_HOME/bin/java" -cp "$out/classes:$out/lib/*" example.Main 2>"$out/errors" || { cat "$out/errors"; exit 1; }
