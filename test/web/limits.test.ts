// How many inquiries one network may send, what counts, and what happens beyond the total of an hour.

import { DatabaseSync } from "node:sqlite";
import { filledForm, type FormChanges } from "../support/form.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { tuesday, type TestSite } from "../support/site.ts";
import { countStates, fillStore } from "../support/store.ts";

let site: TestSite;

const office = "203.0.113.7";
const limit = 3;
const articles = { "builder-pattern-in-java.md": articleFile() };
const build = async (env: Record<string, string> = {}) =>
  (site = await buildSiteOf(articles, {
    env: {
      TRUST_PROXY: "1",
      CONTACT_PHONE: "+45 12 34 56 78",
      INQUIRIES_PER_10_MINUTES: String(limit),
      ...env,
    },
  }));

const send = (message: string, from = office, changes: FormChanges = {}) =>
  site.sendForm({ message, ...changes }).set("X-Forwarded-For", from);

/** Sends three different inquiries, which are accepted. */
async function sendUpToTheLimit(): Promise<void> {
  for (let n = 0; n < limit; n += 1) expect((await send(`project ${n}`)).status).toBe(303);
}
/** An address in a provider's network of its own. */
const elsewhere = (n: number) => `198.51.${n}.1`;

const counts = () => countStates(site.store);
const stored = async () => Object.values(await counts()).reduce((sum, count) => sum + count, 0);

test("one more than the limit is a 429 with every word, and not stored", async () => {
  await build();
  await sendUpToTheLimit();
  site.clock.now = new Date(tuesday.getTime() + 61_000);
  const next = await send("the <next> project", office, { from: "builder-pattern-in-java" });
  expect(next.status).toBe(429);
  expect(next.headers["retry-after"]).toBe(String(600 - 61));
  expect(next.headers["cache-control"]).toBe("private, no-cache");
  for (const word of [
    "<title>Please wait a few minutes",
    "the &lt;next&gt; project</textarea>",
    `value="${filledForm.name}"`,
    `value="${filledForm.email}"`,
    'name="from" value="builder-pattern-in-java"',
    "Wait 9 minutes",
    'href="mailto:hello@cleansystems.example"',
    "+45 12 34 56 78",
  ])
    expect(next.text).toContain(word);
  expect(next.text).toMatch(new RegExp(`value="${filledForm.kind}"[^>]* checked`));
  expect(await stored()).toBe(limit);
  expect(JSON.stringify(site.logged)).not.toContain(office);
  site.clock.now = new Date(tuesday.getTime() + 599_999);
  expect((await send("too early")).status).toBe(429);
  site.clock.now = new Date(tuesday.getTime() + 600_000);
  expect((await send("in time")).status).toBe(303);
});

test("only the address that a trusted proxy adds counts", async () => {
  await build();
  for (let n = 0; n < limit; n += 1) await send(`forged ${n}`, `198.51.100.${n}, ${office}`);
  expect((await send("forged again", `198.51.100.99, ${office}`)).status).toBe(429);
});

test("attempts with errors and repeats are not counted", async () => {
  await build();
  for (let n = 0; n < 8; n += 1)
    expect((await send("x", office, { email: "nobody" })).status).toBe(422);
  const first = await send("project 0");
  const location: unknown = first.headers["location"];
  for (let n = 0; n < 8; n += 1)
    expect((await send("project 0")).headers).toMatchObject({ location });
  await sendUpToTheLimit(); // the first is a repeat
  expect((await send("one too many")).status).toBe(429);
  expect((await send("project 0")).headers).toMatchObject({ location });
});

test("forms that could not be saved are not counted, but refused ads are", async () => {
  await build();
  using database = new DatabaseSync(site.config.storeSettings.file);
  database.exec(
    "create trigger full before insert on inquiries begin select raise(abort, 'full'); end",
  );
  for (let n = 0; n < 2 * limit; n += 1) expect((await send(`project ${n}`)).status).toBe(503);
  const spam = (n: number) => send(`[url=a]${n}[/url]`, elsewhere(9));
  for (let n = 0; n < limit; n += 1) expect((await spam(n)).status).toBe(503);
  expect((await spam(limit)).status).toBe(429);
  database.exec("drop trigger full");
  await sendUpToTheLimit();
});

test.each([
  ["live checks", { live_check: "1" }],
  ["recognised advertising", { message: "[url=a]ad[/url]" }],
])("%s do not count towards the hourly total", async (_what, changes) => {
  await build({ INQUIRIES_PER_HOUR_TOTAL: "2" });
  for (let n = 0; n < 3; n += 1)
    await send(`${n}`, elsewhere(n), { email: `a${n}@a.example`, ...changes });
  await send("an honest one", elsewhere(4));
  expect(await counts()).toMatchObject({ pending: 1, quarantined: 3 });
});

test("beyond the hourly total inquiries are quarantined for an hour", async () => {
  await build({ INQUIRIES_PER_HOUR_TOTAL: "3" });
  for (let n = 0; n < 5; n += 1)
    expect((await send(`project ${n}`, elsewhere(n))).status).toBe(303);
  expect(await counts()).toMatchObject({ pending: 3, quarantined: 2 });
  site.clock.now = new Date(tuesday.getTime() + 3_600_000);
  expect((await send("an hour later", elsewhere(77))).status).toBe(303);
  expect(await counts()).toMatchObject({ pending: 4, quarantined: 2 });
});

test("a full quarantine refuses advertising until staff close some", async () => {
  await build({ INQUIRIES_PER_10_MINUTES: "0" });
  fillStore(site.config.storeSettings.file, 4_999, 1, 0);
  const spam = (message: string) => send(`[url=a]${message}[/url]`, office);
  expect((await spam("the last one")).status).toBe(303);
  const refused = await spam("one <too> many");
  expect(refused.status).toBe(503);
  expect(refused.text).toContain("one &lt;too&gt; many");
  expect(refused.text).toContain('href="mailto:');
  expect((await send("a live check", office, { live_check: "1" })).status).toBe(503);
  expect((await spam("the last one")).status).toBe(303);
  expect((await send("an honest one", elsewhere(1))).status).toBe(303);
  expect(await counts()).toEqual({ pending: 1, quarantined: 5_000, sent: 0 });
  using database = new DatabaseSync(site.config.storeSettings.file, { timeout: 10_000 });
  database.exec("update inquiries set progress = 'closed' where reference = 'CS-1'");
  expect((await spam("staff have closed one")).status).toBe(303);
});
