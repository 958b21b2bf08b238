#!/bin/bash
# A relay that remembers the last id it saw, against one that asks for what is
# still there. Starts a PostgreSQL of its own in a temporary folder. Run as any
# user but root (or as root where a user "postgres" exists).
set -eu
if [ "$(id -u)" = 0 ]; then exec runuser -u postgres -- bash "$(readlink -f "$0")"; fi
export PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)"
dir=$(mktemp -d); cd "$dir"
trap 'pg_ctl -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
initdb -D "$dir/data" -A trust -U postgres >/dev/null
pg_ctl -D "$dir/data" -o "-k $dir -c listen_addresses=''" -w -l "$dir/log" start >/dev/null
q() { psql -qAt -h "$dir" -U postgres -c "$1" postgres; }
q "create table outbox (id bigint generated always as identity primary key, payload text)"
q "select version()" | cut -d' ' -f1-2

# A inserts first, and commits two seconds later than B.
q "begin; insert into outbox (payload) values ('from A'); select pg_sleep(2); commit" >/dev/null &
sleep 1
q "insert into outbox (payload) values ('from B')"

last=$(q "select max(id) from outbox where id > 0")
echo "first look, id > 0: $(q "select id, payload from outbox where id > 0")"
wait $!
echo "second look, id > $last: $(q "select id, payload from outbox where id > $last")"
echo "still in the table, sent rows deleted: $(q "delete from outbox where id = $last; select id, payload from outbox")"
