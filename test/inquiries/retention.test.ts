// Retention: the row and all text of an inquiry are deleted after the promised days, and
// not before.

import { copyFileSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { states, type State } from "../../src/inquiries/store/schema.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { memory } from "../support/memory.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, temporaryFolder, tuesday } from "../support/site.ts";
import { openStore } from "../support/store.ts";

const dayMs = 86_400_000;
const advert = { name: "www.kanarie.example", message: "a very particular advertisement" };
const env = { RETENTION_DAYS: "7", INQUIRIES_PER_10_MINUTES: "0" };

let dir: string;
let remove: () => Promise<void>;
let site: Awaited<ReturnType<typeof buildTestSite>>;
let store: Awaited<ReturnType<typeof openStore>>;
let failure: SendResult | undefined;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder(memory));
  failure = undefined;
  const sendMail = () =>
    Promise.resolve<SendResult>(failure ?? { sent: true, refusedRecipients: [] });
  site = await buildTestSite({ env: { ...env, DATA_DIR: dir }, dependencies: { sendMail } });
  ({ store } = site);
});
afterEach(async () => {
  await site.close();
  await remove();
});

/** Runs passes of the site until so many days and milliseconds after the start. */
async function passAt(days: number, ms = 0): Promise<void> {
  const end = tuesday.getTime() + days * dayMs + ms;
  // The first purge after a gap deletes nothing, because the clock may be ahead.
  site.clock.now = new Date(Math.max(end - dayMs / 4, site.clock.now.getTime()));
  await site.worker.runJobs();
  site.clock.now = new Date(end);
  await site.delivery.deliverDue();
  await site.worker.runJobs();
}

/**
 * The files under DATA_DIR that contain a text, also in base64 or quoted-printable with folded
 * lines.
 */
function filesWith(text: string): string[] {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => statSync(path.join(dir, name)).isFile());
  return files.filter((name) => {
    const bytes = readFileSync(path.join(dir, name));
    const unfolded = bytes.toString("latin1").replace(/=\r?\n/g, "");
    const encoded = [
      text,
      Buffer.from(text).toString("base64").slice(0, -4),
      text.replace(/[^\x20-\x7e]/gu, quoted),
    ];
    return bytes.includes(text) || encoded.some((form) => unfolded.includes(form));
  });
}
const quoted = (symbol: string) =>
  Array.from(Buffer.from(symbol), (byte) => `=${byte.toString(16).toUpperCase()}`).join("");

/** Answers every sent inquiry: retention of unanswered ones is longer. */
async function answerAll(): Promise<void> {
  for (const { reference } of await store.list({ state: "sent" }))
    await store.setProgress(reference, "answered", site.clock.now);
}

test("an answered or closed inquiry is deleted RETENTION_DAYS after it was sent, and not before, and none of its text is left", async () => {
  const closed = await postForm(site, { message: "another particular sentence" });
  await postForm(site, { message: "a very particular sentence" });
  await passAt(0, 5);
  await answerAll();
  await store.setProgress(closed, "closed", site.clock.now);
  await passAt(1); // the digest lists them
  await passAt(7, 5);
  expect(await store.list()).toHaveLength(2);
  expect(filesWith("particular")).not.toEqual([]);
  await passAt(7, dayMs / 4 + 5);
  expect(await store.list()).toEqual([]);
  expect(filesWith("particular")).toEqual([]);
  expect(filesWith("fjordfreight")).toEqual([]);
});

test("a quarantined inquiry is deleted RETENTION_DAYS after the mail that listed it", async () => {
  const reference = await postForm(site, advert);
  failure = { sent: false, fault: "temporary", reason: "ECONNECTION" };
  await passAt(100); // it could not be sent until now
  expect(await store.find({ reference })).toBeDefined();
  failure = undefined;
  await passAt(101);
  await passAt(107, dayMs / 2);
  expect(await store.find({ reference })).toBeDefined();
  await passAt(108, dayMs / 4);
  expect(await store.find({ reference })).toBeUndefined();
  expect(filesWith("particular")).toEqual([]);
});

test("inquiries that have not reached staff are never deleted by age", async () => {
  failure = { sent: false, fault: "permanent", reason: "EENVELOPE 550" };
  const pending = await postForm(site, { message: "p" });
  const unlisted = await postForm(site, advert);
  for (const day of [6, 100, 1_000, 4_000]) await passAt(day);
  const found = await Promise.all(
    [pending, unlisted].map((reference) => store.find({ reference })),
  );
  expect(found.map((inquiry) => inquiry?.state)).toEqual(["pending", "quarantined"]);
});

test("a clock that is ahead for one pass deletes nothing", async () => {
  const reference = await postForm(site);
  await passAt(0, 5);
  await answerAll();
  await passAt(1);
  site.clock.now = new Date(tuesday.getTime() + 40 * dayMs);
  await site.worker.runJobs();
  site.clock.now = new Date(tuesday.getTime() + 1.1 * dayMs);
  await site.worker.runJobs();
  expect(await store.find({ reference })).toBeDefined();
});

test.each([
  [
    "Chinese",
    { name: "王小明", company: "长江云科技", message: "夜间批处理很慢".repeat(300) },
    "夜间批处理很慢",
  ],
  [
    "Danish",
    { name: "Søren", company: "Ærø Færger", message: "Natkørslen går i stå. ".repeat(20) },
    "Natkørslen",
  ],
])("a %s inquiry is deleted without a trace", async (_name, words, canary) => {
  await postForm(site, words);
  const suspicious = await postForm(site, { ...words, name: advert.name });
  await passAt(0, 5);
  await answerAll();
  await passAt(1);
  await passAt(11);
  expect(await store.list()).toEqual([]);
  expect([...filesWith(canary), ...filesWith(suspicious)]).toEqual([]);
});

/** One inquiry of this address in every state, and one of somebody else. */
async function oneInEachState(email: string): Promise<void> {
  const post = (message: string, changes = {}) => postForm(site, { email, message, ...changes });
  await post("particular: sent");
  await site.delivery.deliverDue();
  await post("particular: quarantined", { name: advert.name });
  failure = { sent: false, fault: "temporary", reason: "ECONNECTION" };
  await post("particular: failed");
  await passAt(5);
  failure = undefined;
  await post("particular: pending", { email: email.toUpperCase() });
  await postForm(site, { email: "other@kanarie.example", message: "somebody else's" });
}

test.each(["canary@kanarie.example", "søren.øst@kanarie.example"])(
  "erasing %s deletes its inquiries in every state, whatever its case, and leaves nothing, also after a backup was restored",
  async (email) => {
    await oneInEachState(email);
    const chosen = await store.list({
      email: email.replace("s", "S").replace("kanarie", "KANARIE"),
    });
    const unique = (list: { state: State }[]) =>
      [...new Set(list.map(({ state }) => state))].sort();
    expect(unique(chosen)).toEqual([...states].sort());
    const elsewhere = await temporaryFolder(memory);
    const [file, copy] = [storeFile(site.config), path.join(elsewhere.dir, "older.db")];
    await site.close(); // copies the write-ahead log into the file
    copyFileSync(file, copy);

    store = await openStore(dir);
    await store.erase(chosen, site.clock.now);
    expect((await store.list()).map(({ answers }) => answers["message"])).toEqual([
      "somebody else's",
    ]);
    expect(filesWith("particular")).toEqual([]);
    expect(filesWith(email)).toEqual([]);
    await store.close();

    copyFileSync(copy, file);
    await elsewhere.remove();
    expect(filesWith("particular")).not.toEqual([]);
    store = await openStore(dir);
    expect((await store.list()).map(({ answers }) => answers["message"])).toEqual([
      "somebody else's",
    ]);
    expect(filesWith("particular")).toEqual([]);
    await store.close();
    site = await buildTestSite();
  },
);
