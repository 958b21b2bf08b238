-- A shop: 300,000 orders of 5,000 customers. PostgreSQL makes no index for a foreign key.
create table product (id bigint primary key, name text not null, description text not null);
create table purchase_order (id bigint primary key, customer bigint not null, placed timestamptz not null, parcel text, note text not null);
create table line (id bigint generated always as identity primary key, order_id bigint not null references purchase_order, product_id bigint not null references product, quantity int not null);

insert into product select i, 'Product ' || i, (select string_agg(md5(i || ' ' || n), ' ') from generate_series(1, 500) n) from generate_series(1, 500) i;
-- Each customer has 60 orders; the parcels of the newest 20 are on their way.
insert into purchase_order select i, i % 5000, timestamptz '2026-01-01' + i * interval '30 seconds', case when i > 200000 then 'P' || i end, repeat('n', 120) from generate_series(1, 300000) i;
-- To fill it sooner, only every fourth customer has lines.
insert into line (order_id, product_id, quantity) select i, 1 + (i * 7 + n) % 500, n from generate_series(1, 300000) i, generate_series(1, 3) n where i % 4 = 0;
vacuum analyze;
