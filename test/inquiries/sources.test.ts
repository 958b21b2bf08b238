// Which articles bring inquiries: counted by month, without personal data, in the first digest of a month.

import { rm } from "node:fs/promises";
import path from "node:path";
import request from "supertest";
import { hiddenFields } from "../../src/inquiries/form.ts";
import { openStore, type Store } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { articleFile, buildSiteOf, reload } from "../support/articles.ts";
import { postForm } from "../support/post.ts";
import { filledForm } from "../support/site.ts";

let site: Awaited<ReturnType<typeof buildSiteOf>>;
let store: Store;
beforeEach(async () => {
  const files = {
    "queues.md": articleFile({ title: "Queues & Bounds" }),
    "gone.md": articleFile({ title: "Gone" }),
  };
  site = await buildSiteOf(files, {
    env: { INQUIRIES_PER_10_MINUTES: "0", RETENTION_DAYS: "1", QUARANTINE_DAYS: "1" },
  });
  store = await openStore(storeFile(site.config), "cleansystems.example");
});
afterEach(async () => {
  await store.close();
  await site.close();
});

let number = 0;
const post = (from = "", changes = {}) =>
  postForm(site, { from, message: `number ${(number += 1)}`, ...changes });
const advertising = { message: "[url=http://a.example]a[/url]" };

/** Runs one pass of the site at this time. Returns the part of the digest that lists the sources, if it has one. */
async function sourcesAt(time: string): Promise<string | undefined> {
  const before = site.mailbox.length;
  site.clock.now = new Date(time);
  await site.delivery.deliverDue();
  await site.housekeep();
  const digest = site.mailbox
    .slice(before)
    .find(({ reference }) => reference.startsWith("digest-"));
  return /^WHERE THE INQUIRIES .*\n\n(?:.+\n)+/m.exec(digest?.text ?? "")?.[0];
}

test("the first digest of a month lists the sources of the month before, by title or, without the article, by slug", async () => {
  for (const from of ["queues", "queues", "gone", "", "no-such-article"]) await post(from);
  const thirtieth = "2026-11-30T07:00:00Z";
  expect(await sourcesAt(thirtieth)).toBeUndefined(); // the first digest ever, and no inquiry in October
  site.clock.now = new Date("2026-11-30T22:59:59Z"); // 23:59:59 in Copenhagen
  await post("queues");
  site.clock.now = new Date("2026-11-30T23:00:00Z");
  await post("queues");
  await rm(path.join(site.articlesDir, "gone.md"));
  reload(site.library);
  expect(await sourcesAt("2026-12-01T07:00:00Z")).toBe(
    "WHERE THE INQUIRIES OF NOVEMBER 2026 CAME FROM\n\n3  Queues & Bounds\n2  The contact page\n1  gone\n",
  );
  expect(await sourcesAt("2026-12-02T07:00:00Z")).toBeUndefined();
});

test("the first digest of a month lists no sources if no inquiry came in the month before", async () => {
  await post("queues");
  await sourcesAt("2026-11-25T07:00:00Z");
  await post("queues");
  expect(await sourcesAt("2026-11-28T07:00:00Z")).toBeUndefined(); // a Saturday
  expect(await sourcesAt("2027-01-04T07:00:00Z")).toBeUndefined(); // no inquiry came in December
});

test("a quarantined inquiry counts once it is released, in the month in which it was received, and a live check never", async () => {
  const quarantined = await post("queues", advertising);
  const token = await store.staff.issueLiveCheckToken(site.clock.now);
  const checked = await request(site.server)
    .post("/contact")
    .type("form")
    .send({ ...filledForm, from: "queues", [hiddenFields.liveCheck]: token });
  expect(checked.status).toBe(303);
  expect(await store.followUp.sources()).toEqual([]);
  await store.staff.makePending(quarantined, ["quarantined"], new Date("2026-12-02T08:00:00Z"));
  expect(await store.followUp.sources()).toEqual([{ month: "2026-11", slug: "queues", count: 1 }]);
});

test("a repeated and a resent inquiry count once", async () => {
  const reference = await post("queues", { message: "the same" });
  await post("queues", { message: "the same" });
  await site.delivery.deliverDue();
  await store.staff.makePending(reference, ["sent"], site.clock.now);
  expect(await store.followUp.sources()).toEqual([{ month: "2026-11", slug: "queues", count: 1 }]);
});

test("the counts stay when the inquiries are purged or erased", async () => {
  const purged = await post("queues");
  await site.delivery.deliverDue();
  await store.followUp.mark(purged, "answered", site.clock.now);
  await sourcesAt("2026-11-26T07:00:00Z");
  await post("queues", { email: "erased@fjord.example" });
  await store.staff.erase(await store.staff.listByAddress("erased@fjord.example"));
  expect(await store.staff.list()).toEqual([]);
  expect(await store.followUp.sources()).toEqual([{ month: "2026-11", slug: "queues", count: 2 }]);
});
