#!/bin/sh
# Two sessions with one key, in PostgreSQL. A server of its own in a temporary folder, by a Unix socket only.
# Needs initdb, pg_ctl and psql on the path. As root, the server runs as the user postgres.
set -eu
DIR=$(mktemp -d); export PGHOST="$DIR" PGDATABASE=postgres PGUSER=me
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$DIR"; fi
cd "$DIR"
$as initdb -D "$DIR/data" -U me -A trust >/dev/null
$as pg_ctl -D "$DIR/data" -o "-k $DIR -c listen_addresses=''" -l "$DIR/log" -w start >/dev/null
trap '$as pg_ctl -D "$DIR/data" -m fast stop >/dev/null; rm -r "$DIR"' EXIT
psql -qc "create table keys (key text primary key, response text)" -c "create table bookings (id serial, key text)"
psql -Atc "select 'PostgreSQL ' || split_part(current_setting('server_version'), '.', 1)"

run() { # level of the second session, end of the first
  psql -qc "truncate keys, bookings"
  echo "-- first session: $2 after 1 s; second session, from 0.3 s: $1"
  psql -q <<SQL &
begin;
insert into keys (key) values ('key-1') on conflict do nothing;
insert into bookings (key) values ('key-1');
update keys set response = 'booked' where key = 'key-1';
select pg_sleep(1) \g /dev/null
$2;
SQL
  sleep 0.3
  psql -A <<SQL 2>&1 | grep -v '^Timing\|^BEGIN\|^(1 row)\|^COMMIT\|^$'
${LIMIT:-}
begin isolation level $1;
select count(*) as keys_seen from keys;
\timing on
insert into keys (key) values ('key-1') on conflict do nothing;
\timing off
select key, response from keys;
commit;
SQL
  wait
}
run "read committed" commit
run "read committed" rollback
run "repeatable read" commit
echo "-- the same with lock_timeout = 200 ms in the second session"
LIMIT="set lock_timeout = '200ms';" run "read committed" commit
