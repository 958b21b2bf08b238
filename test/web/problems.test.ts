// What /problems says of each problem, when, and to whom.

import { rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { jest } from "@jest/globals";
import { inEachOffice } from "../../src/inquiries/mail/text.ts";
import type { SendResult } from "../../src/inquiries/mail/smtp.ts";
import { StoreError } from "../../src/inquiries/store/interface.ts";
import {
  build,
  eachOnANewSite,
  mailServer,
  passAt,
  refused,
  sent,
  set,
  site,
  store,
  use,
} from "../support/passes.ts";
import { articleFile, articlesFolder } from "../support/articles.ts";
import { digestTime, postForm, productionEnv, temporaryFolder, tuesday } from "../support/site.ts";

eachOnANewSite();

const minuteMs = 60_000;
const permanent: SendResult = { sent: false, failure: "permanent", reason: "EAUTH 535 5.7.8 Bob" };
const spam = { message: "[url=http://a.example]a[/url]" };
const at = inEachOffice(tuesday);
/** Minutes from `tuesday` until a digest is due. */
const untilDigest = (digestTime("2026-11-25").getTime() - tuesday.getTime()) / minuteMs;

/** The lines of /problems after a pass at so many minutes after the start. */
async function problemsAt(minutes: number, by = site): Promise<string[]> {
  await passAt(tuesday.getTime() + minutes * minuteMs, by);
  return problems(by);
}

async function problems(by = site): Promise<string[]> {
  const { status, text } = await by.get("/problems");
  expect(status).toBe(text === "ok\n" ? 200 : 503);
  return text.trim().split("\n");
}

test("mail that waits is a problem after 15 minutes until it is sent", async () => {
  mailServer.answer = () => refused;
  await postForm(site);
  expect(await problemsAt(15)).toEqual(["ok"]);
  const waiting = `an inquiry has waited for its mail since ${at}; see npm run inquiries -- list pending`;
  for (const minutes of [16, 300]) expect(await problemsAt(minutes)).toEqual([waiting]);
  expect((await site.get("/readyz")).status).toBe(200); // readers can read
  mailServer.answer = () => sent;
  expect(await problemsAt(400)).toEqual(["ok"]);
});

test("a mail that is refused for good is a problem at once", async () => {
  mailServer.answer = () => permanent;
  const reference = await postForm(site);
  // Without the words of the mail server, which may quote an address.
  const problem = `the mail about ${reference} cannot be sent until this is fixed: EAUTH 535 5.7.8`;
  expect(await problemsAt(0)).toEqual([problem]);
  mailServer.answer = () => refused;
  expect(await problemsAt(1)).toEqual([problem]);
  mailServer.answer = () => sent;
  expect(await problemsAt(10)).toEqual(["ok"]);
});

test("a flood in quarantine is a problem until a digest has listed it", async () => {
  for (let index = 0; index < 21; index += 1) {
    expect(await problems()).toEqual(["ok"]);
    await postForm(site, { ...spam, email: `eve${index}@advert.example` });
  }
  expect(await problems()).toEqual([
    "more than 20 inquiries in quarantine are in no digest yet; see npm run inquiries -- list quarantined",
  ]);
  expect(await problemsAt(untilDigest)).toEqual(["ok"]);
});

test("overdue inquiries are a problem until somebody answers", async () => {
  const first = await postForm(site);
  const second = await postForm(site, { message: "second" });
  const dueAt = (Date.parse("2026-11-25T16:00:00Z") - tuesday.getTime()) / minuteMs;
  expect(await problemsAt(dueAt)).toEqual(["ok"]);
  expect(await problemsAt(dueAt + 1)).toEqual([
    `overdue: 2 (${first}, ${second}); see npm run inquiries -- list overdue`,
  ]);
  await set(first, "answered");
  expect(await problems()).toEqual([
    `overdue: 1 (${second}); see npm run inquiries -- list overdue`,
  ]);
  await set(second, "closed");
  expect(await problems()).toEqual(["ok"]);
});

test("ten overdue inquiries are named, in production with its commands", async () => {
  await use(productionEnv);
  for (let index = 0; index < 12; index += 1) await postForm(site, { message: `number ${index}` });
  expect(await problemsAt(10 * 1_440)).toContainEqual(
    expect.stringMatching(/^overdue: 12 \((CS-\S+, ){10}…\); see site inquiries list overdue$/),
  );
});

test("random letters alone are no problem of the operator", async () => {
  for (let n = 0; n < 22; n += 1)
    await postForm(site, {
      email: `a${n}@wave.example`,
      message: `PkKJcOVuFNDEPOzZ${"nD".repeat(n)}`,
    });
  expect(await problemsAt(0)).toEqual(["ok"]);
  expect(await problemsAt(untilDigest)).toEqual(["ok"]);
  expect(await problemsAt(3 * untilDigest)).toEqual(["ok"]); // overdue
  expect((await site.store.list()).every(({ delivery }) => delivery.state === "quarantined")).toBe(
    true,
  );
});

test("a job that fails for more than 15 minutes is named", async () => {
  await postForm(site);
  await problemsAt(0);
  mailServer.answer = () => permanent;
  for (const minutes of [0, 11]) expect(await problemsAt(untilDigest + minutes)).toEqual(["ok"]);
  expect(await problemsAt(untilDigest + 22)).toEqual([
    `the digest has failed since ${inEachOffice(digestTime("2026-11-25"))}; the log says why`,
  ]);
  mailServer.answer = () => sent;
  expect(await problemsAt(untilDigest + 33)).toEqual(["ok"]);
});

test("a purge that cannot clean the files is named, and tried again", async () => {
  await problemsAt(0);
  const clean = jest.spyOn(store, "clean").mockRejectedValue(new StoreError("the disk is full"));
  const failingAt = (minutes: number) =>
    expect(passAt(tuesday.getTime() + minutes * minuteMs)).rejects.toThrow("the disk is full");
  await failingAt(360);
  expect(await problemsAt(365)).toEqual(["ok"]);
  for (const minutes of [370, 380]) await failingAt(minutes);
  expect(await problems()).toEqual([
    `the purge has failed since ${inEachOffice(new Date(tuesday.getTime() + 360 * minuteMs))}; the log says why`,
  ]);
  clean.mockRestore();
  expect(await problemsAt(391)).toEqual(["ok"]);
});

test("a pass of one process does not end what fails in another", async () => {
  await using other = await build({ DATA_DIR: site.config.dataDir });
  await problemsAt(0);
  await store.setFailing("purge", new Date(tuesday.getTime() - 10 * minuteMs));
  for (const one of [other, site])
    expect(await problemsAt(9, one)).toEqual([
      expect.stringMatching(/^the purge has failed since/),
    ]);
});

test("a worker that does not run is a problem after 15 minutes", async () => {
  site.clock.now = new Date(tuesday.getTime() + 16 * minuteMs);
  expect(await problems()).toEqual([
    `no pass of the worker has succeeded since ${at}, so nothing is mailed; restart the site if the log does not say why`,
  ]);
  expect(await problemsAt(16)).toEqual(["ok"]);
});

test("without its store, a site names it, the worker and error responses", async () => {
  await use({ DATA_DIR: (await temporaryFolder()).dir });
  await rm(site.config.dataDir, { recursive: true });
  await expect(passAt(tuesday.getTime() + 16 * minuteMs)).rejects.toThrow("inquiries.db");
  const without = [
    expect.stringMatching(/^the store cannot be used: \S+inquiries\.db/) as string,
    expect.stringMatching(/^no pass of the worker has succeeded/) as string,
  ];
  expect(await problems()).toEqual(without);
  const paths = [`/staff/${"0".repeat(32)}`, "/contact/received?ref=CS-7F3K-9QXM", "/readyz"];
  for (const path of paths) expect((await site.get(path)).status).toBe(503);
  const errors = "error responses: GET /contact/received, GET /staff/:token; the log says why";
  for (const minutes of [16, 75, 76]) {
    site.clock.now = new Date(tuesday.getTime() + minutes * minuteMs);
    expect(await problems()).toEqual(minutes < 76 ? [...without, errors] : without);
  }
});

test("behind a proxy /problems has its status, for ten seconds, and no sentence", async () => {
  const asked = () => site.get("/problems").set("X-Forwarded-For", "203.0.113.7");
  expect(await asked()).toMatchObject({ status: 200, text: "ok\n" });
  mailServer.answer = () => permanent;
  await postForm(site);
  await problemsAt(0);
  const kept = (seconds: number) => {
    site.clock.now = new Date(tuesday.getTime() + seconds * 1_000);
    return asked();
  };
  expect(await kept(9)).toMatchObject({ status: 200 });
  expect((await problems())[0]).toContain("cannot be sent"); // its own machine reads what is so now
  expect(await kept(10)).toMatchObject({ status: 503, text: "there are problems\n" });
});

test("an error response is over when its page works again", async () => {
  const find = store.find.bind(store);
  store.find = () => Promise.reject(new Error("broken"));
  const receipt = "/contact/received?ref=CS-7F3K-9QXM";
  expect((await site.get(receipt)).status).toBe(500);
  expect(await problems()).toEqual(["error responses: GET /contact/received; the log says why"]);
  store.find = find;
  expect((await site.get(receipt)).status).toBe(404);
  expect(await problems()).toEqual(["ok"]);
});

test("a webhook that takes no call is a problem after 15 minutes", async () => {
  const file = path.join(site.config.dataDir, "untaken-alert");
  await writeFile(file, "");
  await utimes(file, tuesday, tuesday);
  expect(await problemsAt(15)).toEqual(["ok"]);
  expect(await problemsAt(16)).toEqual([
    `ALERT_WEBHOOK_URL has taken no call since ${at}; what was to be told is told when it works again`,
  ]);
});

test("articles that can't be shown are a problem, and those shown as before are none", async () => {
  // As after a way back to a release that doesn't know a key.
  const fromNewer = articleFile({ mood: "calm", draft: "perhaps" });
  const files = { "known.md": articleFile(), "newer.md": fromNewer, "other.md": fromNewer };
  const folder = await articlesFolder(files);
  await using other = await build({ ...productionEnv, ARTICLES_DIR: folder.dir });
  const [newer, another] = ["newer.md", "other.md"].map((name) =>
    folder.at(name).split("/").slice(-2).join("/"),
  );
  expect(await problemsAt(0, other)).toEqual([
    `articles that cannot be shown: 2 (${newer}, ${another}); see site article check`,
  ]);
  const outside = await other.get("/problems").set("X-Forwarded-For", "203.0.113.7");
  expect(outside).toMatchObject({ status: 503, text: "there are problems\n" });
  const save = async (name: string, text: string) => {
    await folder.save(name, text);
    other.library.refresh();
  };
  await save("newer.md", articleFile());
  await save("other.md", articleFile());
  expect(await problems(other)).toEqual(["ok"]);
  await save("newer.md", fromNewer);
  expect(await problems(other)).toEqual(["ok"]);
  await save("authors.yaml", "nobody");
  expect(await problems(other)).toEqual(["ok"]);
});

test("at most ten articles that can't be shown are named", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `newer-${10 + index}.md`);
  const wrong = names.map((name) => [name, articleFile({ mood: "calm" })] as const);
  const { dir } = await articlesFolder({ "known.md": articleFile(), ...Object.fromEntries(wrong) });
  await using other = await build({ ARTICLES_DIR: dir });
  expect(await problemsAt(0, other)).toEqual([
    expect.stringMatching(
      /^articles that cannot be shown: 12 \((\S+\/newer-\d+\.md, ){10}…\); see npm run article -- check$/,
    ),
  ]);
});

test("without authors it is authors.yaml that is named", async () => {
  const { dir } = await articlesFolder({ "known.md": articleFile(), "authors.yaml": "nobody" });
  await using other = await build({ ARTICLES_DIR: dir });
  expect(await problemsAt(0, other)).toEqual([
    expect.stringMatching(/^articles that cannot be shown: 1 \(\S+\/authors\.yaml\); see/),
  ]);
});
