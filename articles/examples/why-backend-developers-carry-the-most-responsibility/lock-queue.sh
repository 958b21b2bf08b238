#!/bin/sh
# Needs PostgreSQL's initdb, pg_ctl and psql on the path. Makes a cluster of
# its own in a temporary folder (Unix socket only, no network) and removes it.
set -eu
dir=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then
    as="runuser -u postgres --"
    chown postgres "$dir"
fi
cd "$dir"
trap '$as pg_ctl -D "$dir/data" -m immediate stop >/dev/null; rm -rf "$dir"' EXIT
$as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
$as pg_ctl -D "$dir/data" -w -l "$dir/log" \
    -o "-c listen_addresses='' -k $dir" start >/dev/null
sql() { psql -X -q -A -t -h "$dir" -U demo -d postgres "$@"; }

timed() { # name, statement: prints how long the statement took
    name=$1
    shift
    start=$(date +%s%N)
    if sql -c "$1" >/dev/null 2>"$dir/error"; then result=done; else
        result=$(sed -n '1s/ERROR:  //p' "$dir/error"); fi
    printf '  %-28s %4d ms  %s\n' "$name" \
        $(( ($(date +%s%N) - start) / 1000000 )) "$result"
}
report() { # a transaction that reads the table and stays open for 2 s
    sql >/dev/null <<'SQL' &
begin;
select count(*) from orders;
select pg_sleep(2);
commit;
SQL
    report=$!
    sleep 0.3
}

sql -c "select 'PostgreSQL ' || current_setting('server_version')"
sql -c "create table orders (id int primary key, total numeric);
        insert into orders select n, n from generate_series(1, 1000) n"

echo "nobody else at work"
timed "add a column" "alter table orders add column a text"
timed "read one order" "select * from orders where id = 7"

echo "a report is reading the table for 2 s"
report
timed "read one order" "select * from orders where id = 7"
timed "add a column" "alter table orders add column b text" &
migration=$!
sleep 0.3
timed "read one order, meanwhile" "select * from orders where id = 7"
wait $migration $report

echo "the same with lock_timeout = 200 ms for the migration"
report
timed "add a column" "set lock_timeout = '200ms';
                      alter table orders add column c text" &
migration=$!
sleep 0.1
timed "read one order, meanwhile" "select * from orders where id = 7"
wait $migration $report
