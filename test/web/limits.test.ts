// How many inquiries one network may send, what does not count, and what happens beyond the total of an hour.

import { DatabaseSync } from "node:sqlite";
import request from "supertest";
import type { FindDomainFault } from "../../src/inquiries/email-domain.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { buildTestSite, filledForm, tuesday } from "../support/site.ts";

type TestSite = Awaited<ReturnType<typeof buildTestSite>>;
let site: TestSite;
afterEach(() => site.close());

const office = "203.0.113.7";
let findDomainFault: FindDomainFault = () => Promise.resolve(undefined);
async function build(env: Record<string, string> = {}): Promise<void> {
  site = await buildTestSite({
    env: { TRUST_PROXY: "1", CONTACT_PHONE: "+45 12 34 56 78", ...env },
    dependencies: { findDomainFault: (domain) => findDomainFault(domain) },
  });
}

const send = (message: string, from = office, changes: Record<string, string> = {}) =>
  request(site.server)
    .post("/contact")
    .set("X-Forwarded-For", from)
    .type("form")
    .send({ ...filledForm, message, ...changes });

/** Sends so many different inquiries one after the other; answers the statuses. */
async function sendSeveral(count: number, from = office, word = "project"): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < count; index += 1)
    statuses.push((await send(`${word} ${index}`, from)).status);
  return statuses;
}

const counts = async () =>
  ((await request(site.server).get("/readyz")).body as { inquiries: Record<string, number> })
    .inquiries;
const stored = async () => Object.values(await counts()).reduce((sum, count) => sum + count, 0);
const ok = (count: number) => Array.from({ length: count }, () => 303);

test("the sixth inquiry within ten minutes is a 429 with every word and other ways to reach us, and is not stored", async () => {
  await build();
  expect(await sendSeveral(5)).toEqual(ok(5));
  site.clock.now = new Date(tuesday.getTime() + 61_000);
  const sixth = await send("the <sixth> project", office, { from: "builder-pattern-in-java" });
  expect(sixth.status).toBe(429);
  expect(sixth.headers["retry-after"]).toBe("539");
  expect(sixth.headers["cache-control"]).toBe("private, no-cache");
  expect(sixth.text).toMatch(/<title>Error: /);
  expect(sixth.text).toContain("the &lt;sixth&gt; project</textarea>");
  for (const word of [
    'value="Priya Raman"',
    'value="Fjord Freight"',
    `value="${filledForm.email}"`,
  ])
    expect(sixth.text).toContain(word);
  expect(sixth.text).toMatch(/value="team"[^>]* checked/);
  expect(sixth.text).toMatch(/value="month" selected/);
  expect(sixth.text).toContain('name="from" value="builder-pattern-in-java"');
  expect(sixth.text).toContain("Wait 9 minutes");
  expect(sixth.text).toContain('href="mailto:hello@cleansystems.example"');
  expect(sixth.text).toContain("+45 12 34 56 78");
  expect(await stored()).toBe(5);
  expect(JSON.stringify(site.logged)).not.toContain(office);
});

test("other networks are not affected, and the limit ends after ten minutes", async () => {
  await build();
  await sendSeveral(5);
  expect((await send("again", office)).status).toBe(429);
  expect((await send("neighbour", "203.0.113.8")).status).toBe(303);
  site.clock.now = new Date(tuesday.getTime() + 10 * 60_000 - 1);
  expect((await send("again", office)).status).toBe(429);
  site.clock.now = new Date(tuesday.getTime() + 10 * 60_000);
  expect((await send("again", office)).status).toBe(303);
});

test("one IPv6 /64 is one network, and an IPv4-mapped IPv6 address is the IPv4 address", async () => {
  await build();
  for (let index = 0; index < 5; index += 1)
    expect((await send(`v6 ${index}`, `2001:db8:1:2::${index}`)).status).toBe(303);
  expect((await send("v6 again", "2001:db8:1:2:aaaa::1")).status).toBe(429);
  expect((await send("v6 next door", "2001:db8:1:3::1")).status).toBe(303);
  await sendSeveral(5, `::ffff:${office}`, "mapped");
  expect((await send("mapped again", office)).status).toBe(429);
});

test("only the address that a trusted proxy adds counts: a forged one before it changes nothing", async () => {
  await build();
  for (let index = 0; index < 5; index += 1)
    await send(`forged ${index}`, `198.51.100.${index}, ${office}`);
  expect((await send("forged again", `198.51.100.99, ${office}`)).status).toBe(429);
});

test("attempts with errors and repeats are not counted, and a repeat gets its receipt beyond the limit", async () => {
  await build();
  for (let index = 0; index < 8; index += 1)
    expect((await send("x", office, { email: "nobody" })).status).toBe(422);
  const first = await send("project 0");
  for (let index = 0; index < 8; index += 1)
    expect((await send("project 0")).headers["location"]).toBe(first.headers["location"]);
  expect(await sendSeveral(5)).toEqual(ok(5)); // four new ones and a repeat
  expect((await send("one too many")).status).toBe(429);
  expect((await send("project 0")).headers["location"]).toBe(first.headers["location"]);
});

/** Sends copies none of which is stored before all of them were compared with the stored ones. Returns the status and location of each. */
async function sendAtOnce(copies: number, message: string): Promise<string[]> {
  const { promise: allArrived, resolve } = Promise.withResolvers<undefined>();
  let arrived = 0;
  findDomainFault = () => {
    arrived += 1;
    if (arrived === copies) resolve(undefined);
    return allArrived;
  };
  const responses = await Promise.all(Array.from({ length: copies }, () => send(message)));
  findDomainFault = () => Promise.resolve(undefined);
  return responses.map(({ status, headers }) => `${status} ${headers["location"]}`);
}

test("ten simultaneous copies of the last allowed inquiry all get the receipt of the stored one", async () => {
  await build();
  await sendSeveral(4);
  const answers = new Set(await sendAtOnce(10, "impatient"));
  expect([...answers]).toEqual([expect.stringMatching(/^303 \/contact\/received\?ref=CS-/)]);
  expect(await stored()).toBe(5);
});

test("simultaneous copies count once", async () => {
  await build();
  expect(new Set(await sendAtOnce(4, "impatient")).size).toBe(1);
  expect(await sendSeveral(5)).toEqual([...ok(4), 429]);
});

test("an inquiry that could not be stored is not counted", async () => {
  await build();
  const database = new DatabaseSync(storeFile(site.config));
  database.exec(
    "CREATE TRIGGER broken BEFORE INSERT ON inquiries BEGIN SELECT RAISE(ABORT, 'broken'); END",
  );
  expect(await sendSeveral(6)).toEqual(Array.from({ length: 6 }, () => 503));
  database.exec("DROP TRIGGER broken");
  database.close();
  expect(await sendSeveral(6)).toEqual([...ok(5), 429]);
});

test("a limit of 0 allows any number from one network", async () => {
  await build({ INQUIRIES_PER_10_MINUTES: "0" });
  expect(await sendSeveral(30)).toEqual(ok(30));
});

test("beyond the hourly total inquiries are accepted and quarantined, until the hour is over", async () => {
  await build({ INQUIRIES_PER_HOUR_TOTAL: "3" });
  for (let index = 0; index < 5; index += 1)
    expect((await send(`project ${index}`, `198.51.100.${index}`)).status).toBe(303);
  expect(await counts()).toMatchObject({ pending: 3, quarantined: 2 });
  site.clock.now = new Date(tuesday.getTime() + 3_600_000);
  expect((await send("an hour later", "198.51.100.77")).status).toBe(303);
  expect(await counts()).toMatchObject({ pending: 4, quarantined: 2 });
});

test("an hourly total of 0 quarantines nothing", async () => {
  await build({ INQUIRIES_PER_HOUR_TOTAL: "0" });
  for (let index = 0; index < 5; index += 1) await send(`project ${index}`, `198.51.100.${index}`);
  expect(await counts()).toMatchObject({ pending: 5, quarantined: 0 });
});

test("fifty simultaneous posts each get their own receipt, and all are stored", async () => {
  await build();
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => send(`p${index}`, `198.51.100.${index}`)),
  );
  expect(answers.map(({ status }) => status)).toEqual(ok(50));
  await site.delivery.deliverDue();
  const mailed = new Map(
    site.mailbox.map(({ reference, text }) => [reference, /^p\d+$/m.exec(text)?.[0]]),
  );
  const answered = answers.map(({ headers }) =>
    mailed.get(/CS-.*/.exec(headers["location"] ?? "")?.[0] ?? ""),
  );
  expect(answered).toEqual(answers.map((_, index) => `p${index}`));
});

test("simultaneous posts while the store is down each get a 503 with their own words", async () => {
  await build();
  const { server } = site;
  await site.close();
  const post = (message: string) =>
    request(server)
      .post("/contact")
      .type("form")
      .send({ ...filledForm, message });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => post(`words-${index}`)),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 503));
  expect(answers.map(({ text }) => /words-\d+(?=<\/textarea>)/.exec(text)?.[0])).toEqual(
    answers.map((_, index) => `words-${index}`),
  );
  site = await buildTestSite();
});

test("a double click, a reload and an address in capitals are one row, one mail and one receipt", async () => {
  await build();
  const answers = await Promise.all([1, 2, 3, 4].map(() => send("once")));
  answers.push(
    await send("once", office, {
      email: filledForm.email.toUpperCase(),
      from: "builder-pattern-in-java",
    }),
  );
  await site.delivery.deliverDue();
  answers.push(await send("once", office, { leave_empty: "filled this time" }));
  await site.delivery.deliverDue();
  expect(new Set(answers.map(({ headers }) => headers["location"])).size).toBe(1);
  expect(site.mailbox).toHaveLength(1);
  expect(await stored()).toBe(1);
});
