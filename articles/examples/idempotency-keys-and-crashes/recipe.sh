#!/bin/sh
# sh recipe.sh: runs recipe.sql, the transaction that the article prints, in PostgreSQL. A server of its own in a temporary folder,
# by a Unix socket only. Needs initdb, pg_ctl and psql on the path. As root, the server runs as the user postgres.
set -eu
here=$PWD
DIR=$(mktemp -d); export PGHOST="$DIR" PGDATABASE=postgres PGUSER=me
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$DIR"; fi
cd "$DIR"
$as initdb -D "$DIR/data" -U me -A trust >/dev/null
$as pg_ctl -D "$DIR/data" -o "-k $DIR -c listen_addresses=''" -l "$DIR/log" -w start >/dev/null
trap '$as pg_ctl -D "$DIR/data" -m fast stop >/dev/null; rm -r "$DIR"' EXIT
psql -Atc "select 'PostgreSQL ' || split_part(current_setting('server_version'), '.', 1)"
psql -q <<'SQL'
create table account (id text primary key);
insert into account values ('A-1'), ('A-2');
create table booking (id serial, account text references account, amount int);
create table idempotency_key (client text, key text, request_hash text, response text, primary key (client, key));
SQL

request() { # client, key, hash, account
  psql -qX -v ON_ERROR_STOP=1 -v client="'$1'" -v key="'$2'" -v hash="'$3'" -v account="'$4'" -v amount=120 \
    -v response="'booked for $1'" -f "$here/recipe.sql" 2>&1 | sed "s|^psql:[^ ]* ||; /^CONTEXT/d; /^(1 row)/d; /^$/d; s/^/  /"
}
counts() { psql -XAt -F ', ' -c "select 'bookings: ' || (select count(*) from booking), 'keys: ' || (select count(*) from idempotency_key)"; }
waiting() { # until as many sessions wait for a lock
  until [ "$(psql -XAtc "select count(*) from pg_stat_activity where wait_event_type = 'Lock'")" = "$1" ]; do sleep 0.05; done
}
# Somebody else has the account for as long as the file exists, so that the work has to wait.
hold() {
  touch "$DIR/held"
  { echo "begin; select 1 from account where id = 'A-2' for update;"; while [ -e "$DIR/held" ]; do sleep 0.05; done; } | psql -qX >/dev/null &
  holder=$!
  until [ "$(psql -XAtc "select count(*) > 0 from pg_locks where mode = 'RowShareLock'")" = t ]; do sleep 0.05; done
}

# region runs
echo "a request";                           request shop key-1 hash-1 A-1; counts
echo "the same again";                      request shop key-1 hash-1 A-1; counts
echo "another request with the same key";   request shop key-1 hash-2 A-1; counts
echo "another client with the same key";    request cafe key-1 hash-1 A-1; counts

echo "a request whose account is locked for more than a second, and a duplicate meanwhile"
hold
request shop key-2 hash-2 A-2 & first=$!
waiting 1
sleep 1.2
request shop key-2 hash-2 A-2
rm "$DIR/held"; wait "$holder" "$first"; counts

echo "a request whose session is killed at the work, and then the same again"
hold
request shop key-3 hash-3 A-2 | head -n 1 & first=$!
waiting 1
psql -XAtc "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'" >/dev/null
wait "$first"; counts
rm "$DIR/held"; wait "$holder"
request shop key-3 hash-3 A-2; counts
# endregion
