-- How many rows MariaDB reads for page 10,000 of a million orders, by the way it is asked for. Handler_read_next and
-- Handler_read_prev count steps along an index.
create table orders (id bigint primary key, created_at datetime not null, customer int not null, note varchar(200) not null);
insert into orders
  select seq, cast('2026-01-01 00:00:00' as datetime) + interval (seq div 4) * 10 second, seq % 50000, repeat('x', 100) from seq_1_to_1000000;
create index orders_newest on orders (created_at desc, id desc);
analyze table orders persistent for all;
select created_at, id into @at, @id from orders order by created_at desc, id desc limit 499949, 1;
select concat('MariaDB ', version(), ': rows that page 10,000 reads from the index');

flush status;
create temporary table page as select * from orders order by created_at desc, id desc limit 499950, 50;
select concat('offset              ', sum(variable_value)) from information_schema.session_status where variable_name in ('Handler_read_next', 'Handler_read_prev');
drop table page;

flush status;
create temporary table page as
  select * from orders where (created_at, id) < (@at, @id) order by created_at desc, id desc limit 50;
select concat('keyset, row values  ', sum(variable_value)) from information_schema.session_status where variable_name in ('Handler_read_next', 'Handler_read_prev');
drop table page;

flush status;
create temporary table page as
  select * from orders where created_at < @at or (created_at = @at and id < @id) order by created_at desc, id desc limit 50;
select concat('keyset, or          ', sum(variable_value)) from information_schema.session_status where variable_name in ('Handler_read_next', 'Handler_read_prev');
drop table page;

flush status;
create temporary table page as
  select * from orders where created_at <= @at and (created_at < @at or (created_at = @at and id < @id)) order by created_at desc, id desc limit 50;
select concat('keyset, or + bound  ', sum(variable_value)) from information_schema.session_status where variable_name in ('Handler_read_next', 'Handler_read_prev');
drop table page;
