-- Two tables to which every day adds as many rows, and a query that matches one day of the first with the same day of the second.
create table orders (id bigint generated always as identity primary key, day int not null, ref text not null, amount int not null);
create table payments (id bigint generated always as identity primary key, day int not null, ref text not null, amount int not null);
create index on orders (day);
create index on payments (day);

create function add_day(d int, n int) returns void language sql as $$
  insert into orders (day, ref, amount) select d, md5(d || ':' || i), i from generate_series(1, n) i;
  insert into payments (day, ref, amount) select d, md5(d || ':' || i), i from generate_series(1, n) i;
$$;

-- Runs the query with EXPLAIN ANALYZE and returns its join, the planner's rows for the day's orders, the real ones, and milliseconds.
create function morning(d int, out join_type text, out expected int, out actual int, out ms numeric) language plpgsql as $$
declare plan json;
begin
  execute format('explain (analyze, timing off, format json)
    select count(*) from orders o join payments p on p.day = o.day and p.ref = o.ref where o.day = %s', d) into plan;
  join_type := plan #>> '{0,Plan,Plans,0,Node Type}';
  expected := (plan #>> '{0,Plan,Plans,0,Plans,0,Plan Rows}')::int;
  actual := (plan #>> '{0,Plan,Plans,0,Plans,0,Actual Rows}')::int;
  ms := round((plan #>> '{0,Execution Time}')::numeric, 1);
end $$;

-- How many tables autovacuum has to analyse, by the rule of the manual, "25.1.6. The Autovacuum Daemon".
create view due as select count(*) as tables from pg_stat_user_tables s join pg_class c on c.oid = s.relid
  where s.n_mod_since_analyze > 50 + greatest(c.reltuples, 0) * coalesce(
    (select option_value::float from pg_options_to_table(c.reloptions) where option_name = 'autovacuum_analyze_scale_factor'), 0.1);
