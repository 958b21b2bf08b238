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

sql -c "select 'PostgreSQL ' || current_setting('server_version')"
sql <<'SQL'
create table payment_request (
    idempotency_key text primary key,
    request_hash    text not null,
    response        jsonb
);
create table outbox (
    id           bigserial primary key,
    payload      text not null,
    published_at timestamptz
);
SQL

second() {
    sleep 0.3
    start=$(date +%s%N)
    psql -X -A -t -h "$dir" -U demo -d postgres <<'SQL'
insert into payment_request (idempotency_key, request_hash)
values ('k1', 'h1') on conflict do nothing;
SQL
    echo "  (the second insert waited $(( ($(date +%s%N) - start) / 100000000 * 100 )) ms)"
    sql -c "select '  stored response: ' || coalesce(response::text, 'none')
              from payment_request where idempotency_key = 'k1'"
}

for ending in commit rollback; do
    echo "== the first transaction ends with $ending after 1 s"
    sql -c "delete from payment_request"
    sql >/dev/null <<SQL &
begin;
insert into payment_request (idempotency_key, request_hash)
values ('k1', 'h1') on conflict do nothing;
select pg_sleep(1);
update payment_request set response = '{"paid": true}';
$ending;
SQL
    second
    wait $!
done

echo "== outbox: row 1 is inserted first and committed last"
sql >/dev/null <<'SQL' &
begin;
insert into outbox (payload) values ('first');
select pg_sleep(1);
commit;
SQL
slow=$!
sleep 0.3
sql -c "insert into outbox (payload) values ('second')"
publish() {
    sql -c "with batch as (
                select id, payload from outbox
                 where published_at is null
                 order by id limit 100 for update skip locked)
            update outbox set published_at = now() from batch
             where outbox.id = batch.id
            returning '  published ' || batch.id || ' ' || batch.payload"
}
publish
wait $slow
publish
