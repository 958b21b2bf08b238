// What each version does in each state of the table that steps.sql leads to: reads one booking, changes it and inserts one, alone.
import { readFileSync } from "node:fs";
import { versions } from "./instance-versions.mjs";
import { admin, sql } from "./load.mjs";

// The statements of steps.sql by the state that they lead to.
const steps = readFileSync(new URL("steps.sql", import.meta.url), "utf8").split("-- state: ").slice(1);
const states = { before: "", ...Object.fromEntries(steps.map((step) => [step.split("\n")[0], step.slice(step.indexOf("\n"))])) };

/** Brings a new table of two bookings into this state, with the data that every version before had left in order. */
async function prepare(state) {
  await sql(`
    drop table if exists bookings;
    create table bookings (id bigint generated always as identity primary key, price numeric(10, 2) not null, truth bigint not null);
    insert into bookings (price, truth) values (10, 1000), (30, 3000);
  `);
  for (const [name, statements] of Object.entries(states)) {
    await sql(statements);
    if (name === state) return;
  }
}

async function attempt(statement) {
  try {
    return await sql(statement);
  } catch {
    return undefined;
  }
}

async function outcome(state, { read, set, columns, values }) {
  await prepare(state);
  const shown = await attempt(`select ${read} as shown, truth from bookings where id = 1`);
  const changed = await attempt(`update bookings set ${set}, truth = truth + 100 where id = 1`);
  const inserted = await attempt(`insert into bookings (${columns}, truth) values (${values}, 2000)`);
  if (!shown) return "fails";
  const prices = shown[0].shown === null ? "no prices, " : Number(shown[0].shown) === Number(shown[0].truth) ? "" : "wrong prices, ";
  if (!changed || !inserted) return prices + (changed ? "inserts fail" : "writes fail");
  if (prices) return prices.slice(0, -2);
  if (state === "before" || state === "dropped") return "runs";
  const [left] = await sql(`
    select count(*) filter (where price_cents is distinct from truth)::int as cents, count(*) filter (where price * 100 is distinct from truth)::int as euros
    from bookings where id <> 2`);
  if (left.euros > 0) return "euros go stale";
  if (left.cents > 0) return state === "column added" ? "cents stay empty" : "cents go stale";
  return "runs";
}

console.log(`${"".padEnd(14)}${["1", "2", "3", "4"].map((version) => `version ${version}`.padEnd(24)).join("")}`.trimEnd());
for (const state of Object.keys(states)) {
  const cells = [];
  for (const version of ["1", "2", "3", "4"]) cells.push((await outcome(state, versions[version])).padEnd(24));
  console.log(`${state.padEnd(14)}${cells.join("")}`.trimEnd());
}
await sql("drop table bookings");
await admin.end();
