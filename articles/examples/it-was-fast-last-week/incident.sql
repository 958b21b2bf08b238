-- Three queries that were fast last week.
create extension pg_stat_statements;
create extension pgstattuple;

create table messages (id bigint generated always as identity primary key, status text not null, body text not null);
insert into messages (status, body) select case when i % 1000 = 0 and i <= 200000 then 'failed' else 'sent' end, repeat('x', 100) from generate_series(1, 400000) i;
create index on messages (status);

create table jobs (id bigint generated always as identity primary key, body text not null);
insert into jobs (body) select repeat('x', 100) from generate_series(1, 100) i;

create table audit (id bigint generated always as identity primary key, note text not null);

-- A worker takes the oldest job, and somebody adds a new one. Each is a transaction of its own.
create procedure work(jobs int) language plpgsql as $$
begin
  for n in 1 .. jobs loop
    delete from jobs where id = (select id from jobs order by id limit 1 for update skip locked);
    commit;
    insert into jobs (body) values (repeat('x', 100));
    commit;
  end loop;
end $$;

-- What each query costs a call since the last reset. A block has 8 kB.
create view per_call as
  select case when query like '%payments%' then 'reconcile' when query like '%messages%' then 'failed' else 'take a job' end as statement,
    sum(calls) as calls, round(sum(rows) / sum(calls)) as rows, round(sum(shared_blks_hit + shared_blks_read) / sum(calls)) as blocks
  from pg_stat_statements where query like 'select count(*) from orders%' or query like 'select id, body from messages%' or query like 'delete from jobs%'
  group by 1 order by 1;
