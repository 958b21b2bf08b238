-- Each statement is a transaction of its own. The timeout is for those that alter the table:
-- repeat one that fails with "canceling statement due to lock timeout".
-- region steps
set lock_timeout = '50ms';
-- state: column added
alter table bookings add column price_cents bigint;
-- Deploy version 2. Wait until the last version 1 has ended, cron jobs and workers included.
-- state: filled
update bookings set price_cents = price * 100      -- in batches of a few thousand ids, without the timeout
  where price_cents is distinct from price * 100;
-- Deploy version 3. Wait until the last version 2 has ended.
-- state: required
alter table bookings add constraint price_cents_set check (price_cents is not null) not valid;
alter table bookings validate constraint price_cents_set;
alter table bookings alter column price_cents set not null;
alter table bookings drop constraint price_cents_set;
alter table bookings alter column price drop not null;
-- Deploy version 4. Wait until the last version 3 has ended, and until you're sure that you won't go back.
-- state: dropped
alter table bookings drop column price;
-- endregion
