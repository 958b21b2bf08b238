// One running instance of the application: node instance.mjs VERSION SEED. Reads and changes random bookings until it is asked to end,
// then prints what it saw. Every version also keeps `truth`, the price in cents as it ought to be; only the check of what was read uses it.
import pg from "pg";
import { versions } from "./instance-versions.mjs";

const [version, seed] = process.argv.slice(2);
const { read, set, columns, values } = versions[version];
const seen = { version: Number(version), reads: 0, wrong: 0, writes: 0, errors: 0 };

const client = new pg.Client();
await client.connect();
let running = true;
process.on("SIGTERM", () => (running = false));
process.send?.("ready");

let state = Number(seed);
const random = (n) => (state = (state * 48271) % 2147483647) % n;

async function readOne(id) {
  const { rows } = await client.query(`select ${read} as shown, truth from bookings where id = $1`, [id]);
  seen.reads++;
  if (rows.length && Number(rows[0].shown ?? NaN) !== Number(rows[0].truth)) seen.wrong++;
}
const writeOne = (id) =>
  random(4) === 0
    ? client.query(`insert into bookings (${columns}, truth) values (${values}, 2000)`)
    : client.query(`update bookings set ${set}, truth = truth + 100 where id = $1`, [id]);

while (running) {
  const id = 1 + random(1000);
  try {
    if (random(2) === 0) await readOne(id);
    else await writeOne(id).then(() => seen.writes++);
  } catch {
    seen.errors++;
  }
  await new Promise((resolve) => setTimeout(resolve, 2));
}
await client.end();
console.log(JSON.stringify(seen));
