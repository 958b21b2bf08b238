-- How many rows MariaDB reads for the same page as ties.mjs, where 100,000 orders share each value of the first column.
create table orders (id bigint primary key, priority int not null, note varchar(200) not null);
insert into orders select seq, seq % 10, repeat('x', 100) from seq_1_to_1000000;
create index orders_priority on orders (priority, id);
analyze table orders persistent for all;
select priority, id into @priority, @id from orders where priority = 5 order by id limit 99949, 1;
select concat('MariaDB ', version(), ': rows that the page reads from the index');

flush status;
create temporary table page as select * from orders where (priority, id) > (@priority, @id) order by priority, id limit 50;
select concat('row values   ', sum(variable_value)) from information_schema.session_status where variable_name in ('Handler_read_next', 'Handler_read_prev');
drop table page;

flush status;
create temporary table page as
  select * from orders where priority > @priority or (priority = @priority and id > @id) order by priority, id limit 50;
select concat('or           ', sum(variable_value)) from information_schema.session_status where variable_name in ('Handler_read_next', 'Handler_read_prev');
drop table page;

flush status;
create temporary table page as
  select * from orders where priority >= @priority and (priority > @priority or (priority = @priority and id > @id)) order by priority, id limit 50;
select concat('or + bound   ', sum(variable_value)) from information_schema.session_status where variable_name in ('Handler_read_next', 'Handler_read_prev');
drop table page;

flush status;
create temporary table page as
  select * from (select * from orders where priority = @priority and id > @id order by priority, id limit 50) tied
  union all select * from (select * from orders where priority > @priority order by priority, id limit 50) beyond order by priority, id limit 50;
select concat('two queries  ', sum(variable_value)) from information_schema.session_status where variable_name in ('Handler_read_next', 'Handler_read_prev');
drop table page;
