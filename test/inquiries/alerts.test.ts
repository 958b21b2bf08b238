// Alerts: what the log and the webhook (a real server here) report, when it begins, each
// day while it lasts, and when it is over.

import { createServer } from "node:http";
import request from "supertest";
import { duration } from "../../src/inquiries/mail-text.ts";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { listen } from "../support/listen.ts";
import {
  build,
  eachOnANewSite,
  mailServer,
  passAt as passAtTime,
  refused as temporary,
  sent,
  site,
  tried,
  use,
  webhook,
} from "../support/passes.ts";
import { postForm } from "../support/post.ts";
import { productionEnv, tuesday } from "../support/site.ts";

eachOnANewSite();

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const permanent: SendResult = { sent: false, fault: "permanent", reason: "EAUTH 535 denied" };
const refusedText: SendResult = {
  ...permanent,
  isAboutText: true,
  reason: "EMESSAGE 554 spam",
};
const spam = { message: "[url=http://a.example]a[/url]" };
const cannotBeSent = "mail cannot be sent until this is fixed: EAUTH 535";

/** Runs one pass of the site at this many milliseconds after the start. */
const passAt = (ms: number, by = site) => passAtTime(tuesday.getTime() + ms, by);

const mail = async () =>
  ((await request(site.server).get("/readyz")).body as { mail: string }).mail;
const problemsCalled = () => webhook.calls.map(({ problems }) => problems);
const logged = (level: string) => site.logged.filter((line) => line["level"] === level);

test("an inquiry that waits for more than fifteen minutes is reported once, and its end once", async () => {
  mailServer.answer = () => temporary;
  await postForm(site);
  await passAt(15 * minuteMs);
  expect(webhook.calls).toEqual([]);
  expect(await mail()).toBe("ok");
  for (const minutes of [16, 17, 90]) await passAt(minutes * minuteMs);
  expect(webhook.calls).toEqual([
    {
      text:
        "Inquiries at http://localhost:3000. Nothing is lost.\n" +
        "the oldest undelivered inquiry has waited 16 min",
      problems: ["the oldest undelivered inquiry has waited 16 min"],
      site: "http://localhost:3000",
    },
  ]);
  expect(logged("error")).toMatchObject([{ msg: "inquiries do not reach staff" }]);
  expect(await mail()).toBe("waiting");

  mailServer.answer = () => sent;
  for (const minutes of [121, 122, 123]) await passAt(minutes * minuteMs);
  expect(webhook.calls).toHaveLength(2);
  expect(webhook.calls[1]).toMatchObject({
    text: expect.stringContaining("\nOver: no inquiry has been waiting for longer"),
    problems: [],
  });
  expect(await mail()).toBe("ok");
  expect(logged("info")).toContainEqual(
    expect.objectContaining({ msg: "inquiries reach staff again" }),
  );
});

test("mail works again when one was sent, and not when it fails for another reason", async () => {
  mailServer.answer = () => permanent;
  await postForm(site);
  await passAt(0);
  mailServer.answer = () => temporary;
  for (const minutes of [1, 5]) await passAt(minutes * minuteMs);
  expect(problemsCalled()).toEqual([[cannotBeSent]]);
  mailServer.answer = () => sent;
  await passAt(10 * minuteMs);
  expect(webhook.calls[1]?.text).toContain("Over: mail can be sent again.");
});

test("a problem that lasts is reported again each day", async () => {
  mailServer.answer = () => permanent;
  await postForm(site);
  for (const day of [0, 0.5, 1.1, 1.5, 2.2]) await passAt(day * dayMs);
  expect(webhook.calls.map(({ text }) => text.includes(`Still: ${cannotBeSent}`))).toEqual([
    false, // it begins
    false, // meanwhile the inquiry waits for too long
    true,
    false, // meanwhile it is overdue
    true,
  ]);
});

test("a second problem is reported while the first lasts, and so is the same problem when it comes back", async () => {
  for (const hour of [0, 3]) {
    const start = hour * 60 * minuteMs;
    mailServer.answer = () => permanent;
    site.clock.now = new Date(tuesday.getTime() + start);
    await postForm(site, { message: `hour ${hour}` });
    await passAt(start);
    await passAt(start + 20 * minuteMs);
    mailServer.answer = () => sent;
    await passAt(start + 60 * minuteMs);
  }
  const waited = "the oldest undelivered inquiry has waited 20 min";
  const each = [[cannotBeSent], [waited], []];
  expect(problemsCalled()).toEqual([...each, ...each]);
});

test("a mail that is refused with and without its text is reported at once", async () => {
  mailServer.answer = () => refusedText;
  await postForm(site);
  await passAt(0);
  expect(problemsCalled()).toEqual([["mail cannot be sent until this is fixed: EMESSAGE 554"]]);
});

test("in production, mails and alerts name the commands of the server", async () => {
  await use(productionEnv);
  mailServer.answer = ({ text }) => (text.includes("Priya") ? refusedText : sent);
  for (let index = 0; index < 21; index += 1)
    await postForm(site, { ...spam, email: `eve${index}@advert.example` });
  await postForm(site);
  for (const days of [0, 0.8, 1.8, 2.8]) await passAt(days * dayMs);
  const all = [...tried, ...webhook.calls].map(({ text }) => text).join("\n");
  expect(all).not.toContain("npm run");
  const commands = all.match(/site inquiries (list )?[a-z-]+/g);
  expect([...new Set(commands)].sort()).toEqual([
    "site inquiries list overdue",
    "site inquiries list quarantined",
    "site inquiries resend",
    "site inquiries show",
  ]);
  // Whoever has the URL of a staff page can open it, so it is in no log.
  const staffPage = /\/staff\/[0-9a-f]{32}/;
  expect(problemsCalled().at(-1)?.join("\n")).toMatch(staffPage);
  expect(JSON.stringify(site.logged)).not.toMatch(staffPage);
});

test("more than twenty quarantined inquiries are reported within a minute, and are over when a digest has listed them", async () => {
  for (let index = 0; index < 21; index += 1) {
    await passAt(0);
    expect(webhook.calls).toEqual([]);
    await postForm(site, { ...spam, email: `eve${index}@advert.example` });
  }
  const wednesday = 17.5 * 60 * minuteMs; // 8:03 in Copenhagen
  for (const minutes of [1, 2]) await passAt(minutes * minuteMs);
  const see = "see npm run inquiries -- list quarantined";
  const flood = `inquiries in quarantine that no digest has listed: 21; ${see}`;
  for (const time of [wednesday, wednesday + minuteMs, 20 * dayMs]) await passAt(time);
  expect(problemsCalled()).toEqual([[flood], []]);
  expect(webhook.calls[1]?.text).toContain("Over: a digest has listed the inquiries in quarantine");
});

test("a job that fails for more than fifteen minutes is reported by its name, and stops no other job", async () => {
  await postForm(site);
  await passAt(0);
  mailServer.answer = () => permanent;
  const wednesday = 17.5 * 60 * minuteMs;
  for (const minutes of [0, 11, 22]) await passAt(wednesday + minutes * minuteMs);
  expect(logged("error")).toContainEqual(
    expect.objectContaining({
      msg: "the digest failed",
      err: expect.objectContaining({ message: "EAUTH 535" }),
    }),
  );
  expect(problemsCalled()).toEqual([["the digest has failed for 22 min; the log says why"]]);
  mailServer.answer = () => sent;
  for (const minutes of [33, 34]) await passAt(wednesday + minutes * minuteMs);
  expect(webhook.calls.at(-1)?.text).toContain("Over: the digest works again.");
});

test("a webhook that fails is called again after each pass until it succeeds, and not after that", async () => {
  mailServer.answer = () => permanent;
  await postForm(site);
  webhook.status = 500;
  for (const minutes of [0, 1]) await passAt(minutes * minuteMs);
  webhook.status = 200;
  for (const minutes of [2, 3, 4]) await passAt(minutes * minuteMs);
  expect(webhook.calls).toHaveLength(3); // two calls that failed, and one that succeeded
  expect(site.logged.filter(({ msg }) => msg === "the alerts failed")).toHaveLength(2);
});

test("a webhook that redirects has not accepted the call, because the message would be lost", async () => {
  const redirecting = createServer((_request, response) => {
    response.writeHead(301, { Location: webhook.url }).end();
  });
  const other = await build({ ALERT_WEBHOOK_URL: `${await listen(redirecting)}/hook` });
  mailServer.answer = () => permanent;
  await postForm(other);
  await passAt(0, other);
  expect(other.logged).toContainEqual(expect.objectContaining({ msg: "the alerts failed" }));
  expect(webhook.calls).toEqual([]);
  await other.close();
  redirecting.close();
});

describe("a second process on the same store", () => {
  let other: typeof site;
  beforeEach(async () => {
    other = await build({ DATA_DIR: site.config.dataDir });
    mailServer.answer = () => permanent;
    await postForm(site);
  });
  afterEach(() => other.close());

  test("reports the end of a problem whose beginning the first process has reported", async () => {
    await passAt(0);
    await passAt(5 * minuteMs, other);
    expect(problemsCalled()).toEqual([[cannotBeSent]]);
    mailServer.answer = () => sent;
    for (const minutes of [60, 61]) await passAt(minutes * minuteMs, other);
    expect(problemsCalled()).toEqual([[cannotBeSent], []]);
  });

  test("reports the beginning of a problem if the webhook failed in the first process", async () => {
    webhook.status = 500;
    await passAt(0);
    webhook.status = 204;
    for (const minutes of [5, 6]) await passAt(minutes * minuteMs, other);
    expect(problemsCalled()).toEqual([[cannotBeSent], [cannotBeSent]]);
  });
});

test("a problem that ended before the webhook could be reached is not reported to it at all", async () => {
  mailServer.answer = () => permanent;
  await postForm(site);
  webhook.status = 500;
  await passAt(0);
  webhook.status = 204;
  mailServer.answer = () => sent;
  for (const minutes of [10, 11]) await passAt(minutes * minuteMs);
  expect(problemsCalled()).toEqual([[cannotBeSent]]);
});

test("failed requests are reported with their count and the first route, also while the store cannot be used, each day, and when an hour has passed without one", async () => {
  const DATA_DIR = "/dev/null/data"; // nobody can create it
  await use({ ...productionEnv, DATA_DIR });
  for (const path of [
    "/readyz",
    "/staff/00000000000000000000000000000000",
    "/contact/received?ref=CS-7F3K-9QXM",
  ])
    expect((await request(site.server).get(path)).status).toBe(503);
  site.worker.start();
  await site.worker.stop(); // after one pass
  const since = (count: number) =>
    `the site had errors: ${count} since Tue 24 Nov 2026, 14:33 Copenhagen, 20:33 Magelang. The first: GET /staff/:token: /dev/null/data/inquiries.db cannot be used (ENOTDIR): it has to belong to the user of the site, in a DATA_DIR on a writable disk with free space. The log says why.`;
  const textsAt = async (ms: number) => {
    await site.errorReports.report(new Date(tuesday.getTime() + ms));
    return webhook.calls.splice(0).map(({ text }) => text);
  };
  expect(await textsAt(59 * minuteMs)).toEqual([`https://cleansystems.dk: ${since(2)}`]);
  for (const hours of [0.5, 1, 1.5, 24]) {
    site.clock.now = new Date(tuesday.getTime() + hours * 60 * minuteMs);
    await request(site.server).get("/contact/received?ref=CS-7F3K-9QXM");
    const texts = await textsAt(hours * 60 * minuteMs);
    expect(texts).toEqual(hours === 24 ? [`https://cleansystems.dk: ${since(7)}`] : []);
  }
  expect(await textsAt(dayMs + 60 * minuteMs)).toEqual([
    `https://cleansystems.dk: Over: no error for an hour. Before, ${since(7)}`,
  ]);
  expect(await textsAt(3 * dayMs)).toEqual([]);
});

test("another error is reported while the first lasts, and the same one on another route is not", async () => {
  const { errorReports } = site;
  const full = "inquiries.db cannot be written, because the disk is full";
  for (const [error, reported] of [
    [{ route: "GET /search" }, "The first: GET /search. The"],
    [{ route: "GET /search" }, undefined],
    [{ route: "GET /topics/:topic" }, "The first: GET /search. Then: GET /topics/:topic. The"],
    [
      { route: "POST /contact", cause: `${full}.` },
      `Then: GET /topics/:topic; POST /contact: ${full}. The`,
    ],
    [{ route: "GET /contact/received", cause: `${full}.` }, undefined],
    [{ cause: `${full}.` }, undefined],
  ] as const) {
    errorReports.record(error, tuesday);
    await errorReports.report(tuesday);
    const texts = webhook.calls.splice(0).map(({ text }) => text);
    expect(texts).toEqual(reported ? [expect.stringContaining(reported)] : []);
  }
});

test("an error during the call that reports the end of earlier ones is reported", async () => {
  const { errorReports } = site;
  errorReports.record({ route: "GET /" }, tuesday);
  await errorReports.report(tuesday);
  const later = new Date(tuesday.getTime() + 60 * minuteMs);
  const end = errorReports.report(later);
  errorReports.record({ route: "GET /contact" }, later);
  await end;
  await errorReports.report(later);
  expect(webhook.calls.map(({ text }) => text)).toEqual([
    expect.stringContaining("The first: GET /."),
    expect.stringContaining("Over: "),
    expect.stringContaining("The first: GET /contact."),
  ]);
});

test("a store that cannot be used is reported although nobody sends a request", async () => {
  await use({ ...productionEnv, DATA_DIR: "/dev/null/data" });
  site.worker.start();
  await site.worker.stop(); // after one pass
  await site.errorReports.report(tuesday); // as the next pass does
  expect(problemsCalled()).toEqual([
    [
      expect.stringMatching(
        /: 1 since .*\. The first: \/dev\/null\/data\/inquiries.db cannot be used .*\. The log/,
      ),
    ],
  ]);
});

test("errors that the webhook did not accept are reported with the next pass, and the store has that it failed", async () => {
  const isFailing = async () =>
    (await site.store.summary(tuesday)).failingParts.has("error reports");
  site.errorReports.record({ route: "GET /" }, tuesday);
  webhook.status = 500;
  site.worker.start();
  await site.worker.stop(); // after one pass
  expect(await isFailing()).toBe(true);
  webhook.status = 200;
  expect(await site.errorReports.report(tuesday)).toBe(true);
  expect(problemsCalled()).toEqual(
    Array.from({ length: 2 }, () => [expect.stringContaining("The first: GET /. The log")]),
  );
});

test("a failed call of the webhook is logged without its URL, which may contain a secret", async () => {
  mailServer.answer = () => permanent;
  await postForm(site);
  webhook.close();
  await passAt(0);
  expect(site.logged).toContainEqual(expect.objectContaining({ msg: "the alerts failed" }));
  expect(JSON.stringify(site.logged)).not.toContain("/hook");
});

test.each([
  [59_999, "0 min"],
  [15 * minuteMs, "15 min"],
  [200 * minuteMs, "3 h 20 min"],
  [2 * dayMs + 250 * minuteMs, "2 d 4 h"],
])("the duration of %d ms is written as %s", (ms, words) => expect(duration(ms)).toBe(words));
