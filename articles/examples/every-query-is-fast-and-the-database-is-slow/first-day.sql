-- region sessions
select state, coalesce(wait_event_type || ':' || wait_event, '') as wait, count(*)
from pg_stat_activity where usename = 'app' group by 1, 2 order by 3 desc;
-- endregion
-- region statements
select calls, round(mean_exec_time::numeric, 2) as mean_ms, round(total_exec_time) as total_ms,
       (shared_blks_hit + shared_blks_read) / calls as blocks, left(query, 50) as query
from pg_stat_statements join pg_user on userid = usesysid where usename = 'app' order by total_exec_time desc limit 6;
-- endregion
