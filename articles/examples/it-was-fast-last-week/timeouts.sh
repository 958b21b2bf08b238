#!/bin/sh
# sh timeouts.sh: which setting ends a transaction that is idle, and which one that runs a statement. Needs PostgreSQL 17 or 18.
attempt() { # $1 is the setting, $2 what the transaction does for three seconds
    psql -qXAt -v ON_ERROR_STOP=1 2>&1 <<SQL | grep -E '^FATAL|^committed' || echo "committed"
set $1 = '1s';
begin;
create table if not exists audit (note text);
insert into audit values ('to do');
$2
commit;
SQL
}
psql -qXAtc "select 'PostgreSQL ' || current_setting('server_version')"
for setting in idle_in_transaction_session_timeout transaction_timeout; do
    echo "$setting, a transaction that idles for 3 s:   $(attempt $setting '\! sleep 3')"
    echo "$setting, a statement that runs for 3 s:      $(attempt $setting 'select pg_sleep(3);')"
done
