#!/bin/sh
# sh postgres.sh: starts a PostgreSQL server of its own in a temporary folder, reached by a Unix socket only, deletes every second
# person of a table, and searches its files for their names after each step. Needs initdb, pg_ctl and psql on the path.
set -eu
dir=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$dir"; fi
trap '(cd "$dir" && $as pg_ctl -D "$dir/data" -m immediate stop >/dev/null); rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
export PGHOST="$dir" PGUSER=demo PGDATABASE=postgres
(
    cd "$dir"
    $as initdb -D "$dir/data" -U demo --auth=trust >/dev/null
    $as pg_ctl -D "$dir/data" -w -l "$dir/log" -o "-c listen_addresses='' -c autovacuum=off -k $dir" start >/dev/null
)
sql() { psql -qXAt -c "$1"; }
# The names of the deleted are odd: zq1qz, zq3qz …
count() { { grep -aoh 'zq[0-9]*[13579]qz' "$@" || true; } | sort -u | wc -l; }
# region steps
file_of() { echo "$dir/data/$(sql "select pg_relation_filepath('$1')")"; }
look() {
    sql checkpoint
    printf '%-29s %10d %10d %15d\n' "$1" "$(count "$(file_of person)")" "$(count "$(file_of pg_statistic)")" "$(count "$dir"/data/pg_wal/0*)"
}
# The bounds of the histogram are names from the sample that analyze took.
shown="select count(*) from pg_stats, unnest(histogram_bounds::text::text[]) bound
    where tablename = 'person' and attname = 'name' and bound ~ '[13579]qz$'"
sql "create table person (id bigint primary key, name text, message text)"
sql "insert into person select n, 'zq' || n || 'qz', repeat('m', (random() ^ 3 * 900)::int) from generate_series(1, 20000) n"
sql "analyze person"
echo "Of 10,000 deleted people of 20,000, the names in three places"
echo "                               the table  statistics  the log (pg_wal)"
look "before"
sql "delete from person where id % 2 = 1"
look "delete"
sql "vacuum person"
look "vacuum"
sql "insert into person select 100000 + n, 'new', repeat('m', (random() ^ 3 * 900)::int) from generate_series(1, 10000) n"
look "10,000 new rows"
sql "vacuum full person"
look "vacuum full"
for _ in 1 2 3; do sql "select pg_switch_wal()" >/dev/null; sql checkpoint; done
look "three more files of the log"
echo "A query of pg_stats shows $(sql "$shown") of them."
sql "analyze person"
look "analyze"
echo "A query of pg_stats shows $(sql "$shown") of them."
sql "vacuum pg_statistic"
look "vacuum pg_statistic"
sql "vacuum full pg_statistic"
look "vacuum full pg_statistic"
# endregion
