#!/bin/sh
# sh incident.sh: brings about a stale statistic, dead rows and a plan that flips, and prints what each step of the checklist shows.
set -eu
sql() { psql -qX -P footer=off "$@"; }
one() { psql -qXAtc "$1"; }
settle() { while [ "$(one 'select tables from due')" != 0 ]; do sleep 0.3; done; }
use() { # one call of each query; $1 is the day
    one "select count(*) from orders o join payments p on p.day = o.day and p.ref = o.ref where o.day = $1" >/dev/null
    one "select id, body from messages where status = 'failed' order by id desc limit 20" >/dev/null
    one "delete from jobs where id = (select id from jobs order by id limit 1 for update skip locked)" >/dev/null
    one "insert into jobs (body) values ('x')" >/dev/null
}
step() { printf '\n== %s\n' "$1"; }

sql -f days.sql
sql -f incident.sql
for day in $(seq 23); do one "select add_day($day, 3000)" >/dev/null; settle; done
sql -c "vacuum analyze"

step "Last week: a call of each statement"
sql -c "select pg_stat_statements_reset()" >/dev/null
for call in 1 2 3 4 5; do use 23; done
sql -c "table per_call"

# What happened since. A colleague has written a row and not committed it, and has gone to lunch.
mkfifo "$PGLOG.in"
PGAPPNAME="a colleague" psql -qX <"$PGLOG.in" &
colleague=$!
exec 3>"$PGLOG.in"
echo "begin; insert into audit (note) values ('to do');" >&3
one "call work(4000)"
one "select add_day(24, 3000)" >/dev/null
one "update messages set status = 'failed' where id % 100 = 0 and id <= 200000"
sql -c "analyze messages"
settle

step "1. Today: a call of each statement"
sql -c "select pg_stat_statements_reset()" >/dev/null
for call in 1 2 3 4 5; do use 24; done
sql -c "table per_call"

step "2. auto_explain, without a restart"
sql -c "alter system set session_preload_libraries = 'auto_explain'" -c "load 'auto_explain'" -c "alter system set auto_explain.log_min_duration = '200ms'" \
    -c "alter system set auto_explain.log_analyze = on" -c "alter system set auto_explain.log_timing = off" \
    -c "alter system set auto_explain.log_buffers = on" -c "select pg_reload_conf()" >/dev/null
sleep 1
one "select count(*) from orders o join payments p on p.day = o.day and p.ref = o.ref where o.day = 24" >/dev/null
sed -n '/Query Text: select count/,$p' "$PGLOG" | sed '/^[0-9]\{4\}-/d' | sed 's/^\t//'
sql -c "alter system reset all" -c "select pg_reload_conf()" >/dev/null

step "3. What has changed since the statistics were collected"
sql -c "select relname, n_live_tup, n_mod_since_analyze, round(100.0 * n_mod_since_analyze / n_live_tup) as percent, n_dead_tup
    from pg_stat_user_tables where relname in ('orders', 'payments', 'messages', 'jobs') order by relname"
one "vacuum (verbose) jobs" 2>&1 >/dev/null | grep -E "tuples:|removable cutoff" || true
sql -c "select 'jobs' as table, tuple_count, dead_tuple_count, dead_tuple_percent from pgstattuple('jobs')"

step "4. Who holds the old rows back"
sql -c "select application_name, state, coalesce(age(backend_xid), age(backend_xmin)) as transactions_since, query from pg_stat_activity
    where (backend_xid is not null or backend_xmin is not null) and pid <> pg_backend_pid() order by 3 desc limit 1"

step "5. The plan whose statistics are fresh"
sql -P tuples_only=on -c "explain (analyze, buffers, timing off, summary off) select id, body from messages where status = 'failed' order by id desc limit 20"

step "After ANALYZE, the end of that session with VACUUM, and an index"
sql -c "analyze orders" -c "analyze payments"
exec 3>&-
wait "$colleague"
sql -c "vacuum jobs" -c "create index concurrently on messages (status, id)"
sql -c "select pg_stat_statements_reset()" >/dev/null
for call in 1 2 3 4 5; do use 24; done
sql -c "table per_call"
one "select 'The file of jobs: ' || pg_relation_size('jobs') / 8192 || ' blocks for ' || count(*) || ' rows' from jobs"
