-- PostgreSQL 18: two statements in place of four, and the locks that each takes. psql -qAt < not-null-18.sql 2>&1
select split_part(version(), ' ', 2);
create table bookings (id bigint primary key, price_cents bigint);
insert into bookings select n, n * 100 from generate_series(1, 1000000) n;
begin;
alter table bookings add constraint price_cents_set not null price_cents not valid;
select 'adding: ' || mode from pg_locks where relation = 'bookings'::regclass order by mode;
commit;
insert into bookings values (0, null);
begin;
alter table bookings validate constraint price_cents_set;
select 'validating: ' || mode from pg_locks where relation = 'bookings'::regclass order by mode;
commit;
