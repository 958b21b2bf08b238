#!/bin/bash
# What the trigger of rehearsal.sh costs: one client updates 100,000 recent orders at random, without a trigger, with one that
# notes ids, and with one that notes the rows as they were; three rounds of fifteen seconds each. Commits do not wait for the
# disk, so that nothing hides the cost. Needs PostgreSQL's programs on the path. Makes a cluster of its own and removes it.
set -euo pipefail
dir=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then as="runuser -u postgres --"; chown postgres "$dir"; fi
cd "$dir"
trap '$as pg_ctl -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
$as initdb -D data -U demo --auth=trust >/dev/null
$as pg_ctl -D data -w -l "$dir/log" -o "-c listen_addresses='' -c shared_buffers=512MB -c max_wal_size=4GB -c synchronous_commit=off -k $dir" start >/dev/null
sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -h "$dir" -U demo -d postgres "$@"; }
sql >/dev/null <<'SQL'
create table orders (
    id bigint primary key,
    customer int not null,
    status text not null default 'new',
    total_cents int not null,
    discount_cents int not null,
    address text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now());
insert into orders (id, customer, total_cents, discount_cents, address)
    select n, n % 400000, 4000 + n % 6000, 0, md5(n::text) from generate_series(1, 500000) n;
create index on orders (customer);
create index on orders (created_at);
create table release_writes (release text not null, order_id bigint not null, before jsonb, primary key (release, order_id));
create function note_ids() returns trigger language plpgsql as $$
begin
    insert into release_writes values (current_setting('application_name'), coalesce(new.id, old.id)) on conflict do nothing;
    return null;
end $$;
create function note_rows() returns trigger language plpgsql as $$
begin
    insert into release_writes values (current_setting('application_name'), coalesce(new.id, old.id), to_jsonb(old)) on conflict do nothing;
    return null;
end $$;
vacuum analyze;
SQL
cat >update.sql <<'SQL'
\set id random(400001, 500000)
update orders set address = md5(random()::text), updated_at = now() where id = :id;
SQL
echo "microseconds per update, and what the noted rows take on disk"
for round in 1 2 3; do
    for variant in none ids rows; do
        sql -c "set client_min_messages = warning" -c "truncate release_writes" -c "drop trigger if exists note on orders"
        if [ $variant != none ]; then
            sql -c "create trigger note after insert or update or delete on orders for each row execute function note_$variant()"
        fi
        sql -c "vacuum orders" -c checkpoint
        us=$(pgbench -n -c 1 -T 15 -f update.sql -h "$dir" -U demo postgres 2>/dev/null | awk '/^latency average/ { print $4 * 1000 }')
        printf '  round %s  %-5s %5.0f  %s\n' $round $variant "$us" \
            "$(sql -c "select case when count(*) > 0 then count(*) || ' noted, ' || pg_total_relation_size('release_writes') / count(*) || ' bytes each' end from release_writes")"
    done
done
