#!/bin/sh
# A report reads a table, a migration waits for the report, and every read of a
# checkout waits for the migration. Needs PostgreSQL's initdb, pg_ctl, psql and
# pgbench on the path. Makes a cluster of its own in a temporary folder (Unix
# socket only, no network) and removes it.
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

sql -c "create table orders (id int primary key, total numeric);
        insert into orders select n, n from generate_series(1, 1000) n"
echo "select total from orders where id = 7;" >checkout.sql

now() { echo $(( $(date +%s%N) / 1000000 )); }
since() { # tenths of a second since the start, as seconds
    tenths=$(( ($1 - start + 50) / 100 ))
    echo "$(( tenths / 10 )).$(( tenths % 10 ))"
}

report() { # reads the table, and its transaction stays open for 3 s
    from=$(now)
    sql >/dev/null <<'SQL'
begin;
select count(*) from orders;
select pg_sleep(3);
commit;
SQL
    echo "report: $(since "$from") to $(since "$(now)") s"
}

# region migration
migrate() { # gives up after each try's lock_timeout, waits a second, tries again
    until
        from=$(now)
        sql -c "set lock_timeout = '$1'" \
            -c "alter table orders add column $2 text" 2>error
    do
        echo "migration: $(since "$from") to $(since "$(now)") s, gave up"
        sleep 1
    done
    echo "migration: $(since "$from") to $(since "$(now)") s, done"
}
# endregion

checkout() { # 40 reads a second for 7 s, of up to 90 connections
    pgbench -n -c 90 -T 7 -R 40 -f checkout.sql -l --log-prefix="reads-$1" \
        -h "$dir" -U demo postgres >/dev/null 2>&1
    cat reads-"$1".* | awk '
        { reads++; wait = $3 / 1000; if (wait > slowest) slowest = wait }
        wait > 100 { late++ }
        END { printf "checkout: %d reads, %d took longer than 100 ms, the slowest %d ms\n",
            reads, late, slowest }'
}

run() { # title, lock_timeout, column
    echo "$1"
    start=$(( $(now) + 500 ))        # pgbench connects 90 times first
    checkout "$3" >checkout.txt &
    reads=$!
    sleep 1.5
    report >report.txt &
    reading=$!
    sleep 1
    migrate "$2" "$3" >migration.txt
    wait $reading $reads
    cat report.txt migration.txt checkout.txt
}

run "the migration waits" 0 a
echo
run "the migration waits for 200 ms at most, and tries again" 200ms b
