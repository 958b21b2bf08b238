#!/bin/bash
# A relay that remembers the last id it saw, against one that asks for what is
# still there. Starts a PostgreSQL of its own in a temporary folder. Run as any
# user but root (or as root where a user "postgres" exists).
set -eu
if [ "$(id -u)" = 0 ]; then exec runuser -u postgres -- bash -c "$(cat "$0")"; fi # postgres may not read this folder
export PATH="$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)"
dir=$(mktemp -d); cd "$dir"
trap 'pg_ctl -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
initdb -D "$dir/data" -A trust -U postgres >/dev/null
pg_ctl -D "$dir/data" -o "-k $dir -c listen_addresses=''" -w -l "$dir/log" start >/dev/null
q() { psql -qAt -h "$dir" -U postgres -c "$1" postgres; }
q "create table outbox (id bigint generated always as identity primary key, payload text)"

# A inserts first and commits last; it is a session that reads its commands from a pipe.
mkfifo a
psql -qAt -h "$dir" -U postgres postgres < a &
exec 3> a
echo "begin; insert into outbox (payload) values ('from A');" >&3
until [ "$(q "select count(*) from pg_stat_activity where state = 'idle in transaction'")" = 1 ]; do sleep 0.1; done
q "insert into outbox (payload) values ('from B')"

last=$(q "select max(id) from outbox where id > 0")
echo "first query,  id > 0: $(q "select id, payload from outbox where id > 0")"
echo "commit;" >&3
exec 3>&-
wait $!
echo "second query, id > $last: $(q "select id, payload from outbox where id > $last" | grep . || echo nothing)"
echo "all rows, after deleting the sent one: $(q "delete from outbox where id = $last; select id, payload from outbox")"
