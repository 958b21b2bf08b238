#!/bin/sh
# Two sessions with one key, then eight, in PostgreSQL. A server of its own in a temporary folder, by a Unix socket only.
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

# Eight sessions at once; the work takes 300 ms. Prints how many booked, how many got the stored response, and how long each took.
eight() { # "one key" or "eight keys"
  psql -qc "truncate keys, bookings"
  mkdir -p "$DIR/eight"
  for n in 1 2 3 4 5 6 7 8; do
    key=key-1
    [ "$1" = "one key" ] || key="key-$n"
    psql -qAt -F ' ' >"$DIR/eight/$n" 2>&1 <<SQL &
select pg_sleep_until('$2') \g /dev/null
begin;
with claimed as (insert into keys (key) values ('$key') on conflict do nothing returning key)
select count(*) = 1 as is_new from claimed \gset
\if :is_new
select pg_sleep(0.3) \g /dev/null
insert into bookings (key) values ('$key');
update keys set response = 'booked' where key = '$key';
commit;
select 'booked', round(1000 * extract(epoch from clock_timestamp() - '$2')) as ms;
\else
select 'stored: ' || response, round(1000 * extract(epoch from clock_timestamp() - '$2')) as ms from keys where key = '$key';
commit;
\endif
SQL
  done
  wait
  echo "-- eight sessions, $1: $(psql -Atc 'select count(*) from bookings') booked"
  cat "$DIR/eight/"* | sort -k1,1 -k2,2 | awk '{ ms = $NF; $NF = ""; n[$0]++; if (!($0 in low) || ms < low[$0]) low[$0] = ms; if (ms > high[$0]) high[$0] = ms }
    END { for (what in n) printf "%d × %safter %d to %d ms\n", n[what], what, low[what], high[what] }' | sort
}
in_a_second() { psql -Atc "select clock_timestamp() + interval '1 second'"; }
eight "one key" "$(in_a_second)"
eight "eight keys" "$(in_a_second)"
