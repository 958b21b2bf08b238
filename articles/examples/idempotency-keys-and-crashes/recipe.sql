-- One request. psql runs it with the variables client, key, hash, account, amount and response, as SQL literals.
-- region recipe
begin;
set local lock_timeout = '200ms'; -- a duplicate that waits longer fails: roll back, respond 409
insert into idempotency_key (client, key, request_hash)
values (:client, :key, :hash)
on conflict do nothing;
\set is_new :ROW_COUNT
set local lock_timeout to default;

\if :is_new
  insert into booking (account, amount) values (:account, :amount); -- the work
  update idempotency_key set response = :response
   where client = :client and key = :key;
  commit;
\else
  select response, request_hash = :hash as same_request -- false: respond 422
    from idempotency_key where client = :client and key = :key;
  rollback;
\endif
-- endregion
