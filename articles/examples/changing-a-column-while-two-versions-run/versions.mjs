// Four versions of a program that move a price from euros into cents, and what happens when a step comes too early.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { admin, sleep, sql } from "./load.mjs";

let seed = 1;
let lastEvents;
async function start(version) {
  const child = spawn(process.execPath, [`${import.meta.dirname}/instance.mjs`, version, seed++ * 7919], { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  child.output = text(child.stdout);
  await once(child, "message");
  return child;
}
async function stop(child) {
  child.kill("SIGTERM");
  return JSON.parse(await child.output);
}

async function createTable() {
  await sql(`
    drop table if exists bookings;
    create table bookings (id bigint generated always as identity primary key, price numeric(10, 2), truth bigint not null);
    alter table bookings alter column price set not null;
    insert into bookings (price, truth) select n % 100 + 1, (n % 100 + 1) * 100 from generate_series(1, 1000) n;
  `);
}

// region steps
const expand = () => sql("alter table bookings add column price_cents bigint");
const backfill = () => sql("update bookings set price_cents = price * 100 where price_cents is distinct from price * 100");
const backfillNulls = () => sql("update bookings set price_cents = price * 100 where price_cents is null");
const trigger = () =>
  sql(`
    create function copy_price() returns trigger language plpgsql as $$ begin
      if new.price_cents is null or (new.price is distinct from old.price and new.price_cents is not distinct from old.price_cents)
        then new.price_cents = new.price * 100;
      end if;
      return new;
    end $$;
    create trigger copy_price before insert or update on bookings for each row execute function copy_price();
  `);
const require = () =>
  sql(`
    alter table bookings add constraint cents_set check (price_cents is not null) not valid;
    alter table bookings validate constraint cents_set;
    alter table bookings alter column price_cents set not null;
    alter table bookings drop constraint cents_set;
    alter table bookings alter column price drop not null;
  `);
const differences = `
  select count(*) filter (where price_cents is null)::int as missing, count(*) filter (where price_cents <> price * 100)::int as stale
  from bookings`;
const contract = () => sql("alter table bookings drop column price");
// endregion

/** Runs the instances and steps in turn: a version starts, "-1" stops the oldest instance of version 1, a function is a step. */
async function run(name, steps) {
  await createTable();
  const instances = [];
  const seen = [];
  const events = [];
  const begin = performance.now();
  for (const step of steps) {
    events.push(`  ${((performance.now() - begin) / 1000).toFixed(1).padStart(5)} s  ${step.name ?? (step > 0 ? `start ${step}` : `stop ${-step}`)}`);
    if (typeof step === "function") await step();
    else if (step > 0) instances.push([step, await start(step)]);
    else seen.push(await stop(instances.splice(instances.findIndex(([version]) => version === -step), 1)[0][1]));
    await sleep(800);
  }
  for (const [, child] of instances) seen.push(await stop(child));
  const total = (key) => seen.reduce((sum, one) => sum + one[key], 0);
  const show = (figure) => String(figure).padStart(8);
  const left = (steps.includes(backfill) || steps.includes(backfillNulls)) && !steps.includes(4) ? Object.values((await sql(differences))[0]) : ["-", "-"];
  lastEvents = events;
  console.log(name.padEnd(41) + [total("reads") + total("writes"), total("errors"), total("wrong"), ...left].map(show).join(""));
}

const wait = () => sleep(3000);
const rollTo2 = [1, 1, expand, 2, wait, -1, 2, -1];
const rollTo3 = [...rollTo2, backfill, 3, -2, 3, -2];
console.log(`${"".padEnd(41)}    done  errors   wrong missing   stale`);
// region runs
await run("version 2, before the expansion", [1, 1, 2, -1]);
await run("backfill before the last 1 is gone", [1, 1, expand, 2, -1, backfill, 2, -1]);
await run("the same, with a trigger", [1, 1, expand, trigger, 2, -1, backfill, 2, -1]);
await run("all are 2; backfill where null", [...rollTo2, backfillNulls]);
await run("all are 2; backfill where different", [...rollTo2, backfill]);
await run("version 3 beside version 1", [1, 1, expand, backfill, 3, -1]);
await run("version 4 beside a 3 that adds to euros", [...rollTo2, backfill, 3.1, -2, 3.1, -2, require, 4, wait, -3.1, 4, -3.1]);
await run("contraction while a 3 still runs", [...rollTo3, require, 4, -3, contract]);
await run("all steps in their order", [...rollTo3, require, 4, -3, 4, -3, contract]);
// endregion
const lastRun = lastEvents;
console.log("\none version back, at the latest moment");
await run("from 2 to 1 after the fill, then again", [...rollTo2, backfill, 1, -2, wait, 1, -2, wait, 2, -1, 2, -1, backfill]);
await run("from 3 to 2 after require", [...rollTo3, require, 2, -3, wait, 2, -3, wait]);
await run("from 4 to 3 before the contraction", [...rollTo3, require, 4, -3, 4, -3, 3, -4, wait, 3, -4, wait]);
console.log("two versions back");
await run("from 3 to 1 after require", [...rollTo3, require, 1, -3, wait, 1, -3, wait]);
await run("from 4 to 2 before the contraction", [...rollTo3, require, 4, -3, 4, -3, 2, -4, wait, 2, -4, wait]);
console.log("\nThe run with all steps in their order:\n" + lastRun.join("\n"));
await sql("drop function if exists copy_price cascade");
await admin.end();
