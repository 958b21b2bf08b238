#!/bin/sh
# sh days.sh DAYS ROWS [SQL]: adds ROWS orders and payments a day, lets autovacuum do what it has to do in the evening, and runs the query
# about that day in the morning. SQL, if given, changes the empty tables first.
set -eu
psql -qXf days.sql
psql -qXc "${3:-select}" >/dev/null
echo " day  analysed  join         expected  actual        ms"
day=1
while [ "$day" -le "$1" ]; do
    before=$(psql -qXAtc "select sum(autoanalyze_count) from pg_stat_user_tables")
    psql -qXAtc "select add_day($day, $2)" >/dev/null
    while [ "$(psql -qXAtc "select tables from due")" != 0 ]; do sleep 0.3; done
    psql -qXAt -F ' ' -c "select format('%4s  %-8s  %-11s  %8s  %6s  %8s', $day, case when (select sum(autoanalyze_count) from pg_stat_user_tables) > $before then 'yes' else '-' end, join_type, expected, actual, ms) from morning($day)"
    day=$((day + 1))
done | awk '{ print; fflush() } $NF > 200 { slow++ } END { printf "%d of %d mornings took more than 200 ms\n", slow, NR }'
