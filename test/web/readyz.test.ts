// /readyz: counts and problems are for clients on the same machine. Others get whether the site is ready.

import { DatabaseSync } from "node:sqlite";
import request from "supertest";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, tuesday } from "../support/site.ts";

let site: Awaited<ReturnType<typeof buildTestSite>>;
let mailServer: SendResult;
beforeEach(async () => {
  mailServer = { sent: true, refusedRecipients: [] };
  site = await buildTestSite({ dependencies: { sendMail: () => Promise.resolve(mailServer) } });
});
afterEach(() => site.close());

const ask = (headers: Record<string, string> = {}) =>
  request(site.server).get("/readyz").set(headers);
const forPublic = { ready: true, store: "writable", delivery: "ok" };

test("a client on the same machine gets counts, problems and the places of mistakes in articles", async () => {
  mailServer = { sent: false, fault: "permanent", reason: "EAUTH 535" };
  await postForm(site);
  await site.delivery.deliverDue();
  site.clock.now = new Date(tuesday.getTime() + 2 * 86_400_000);
  const { status, body } = await ask();
  expect(status).toBe(200);
  expect(body).toEqual({
    ready: true,
    store: "writable",
    delivery: "failing",
    problems: [
      "the oldest undelivered inquiry has waited 2 d 0 h",
      "mail cannot be sent until this is fixed: EAUTH 535",
    ],
    inquiries: { pending: 1, quarantined: 0, sent: 0 },
    overdue: 1,
    articles: site.library.list(site.clock.now).length,
    refusedArticles: [],
  });
  expect((await ask({ "X-Forwarded-For": "203.0.113.7" })).body).toEqual({
    ...forPublic,
    delivery: "failing",
  });
});

test.each([
  "Forwarded",
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-Forwarded-Host",
  "x-forwarded-prefix",
])(
  "a request that a proxy passed on, with %s, gets no counts, also after a client on this machine got them",
  async (header) => {
    for (const time of ["first", "second"]) {
      const detailed = await ask();
      expect({ time, ...(detailed.body as object) }).toMatchObject({
        overdue: 0,
      });
      const tag = detailed.headers["etag"] as string;
      const { status, body, headers } = await ask({
        [header]: "for=127.0.0.1",
        "If-None-Match": tag,
      });
      expect({ status, body: body as unknown }).toEqual({ status: 200, body: forPublic });
      expect(headers["cache-control"]).toBe("no-store");
      expect(headers["etag"]).not.toBe(tag);
    }
  },
);

test("a site that can read its store and not write to it is not ready", async () => {
  const database = new DatabaseSync(storeFile(site.config));
  database.exec(
    "CREATE TRIGGER broken BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'broken'); END",
  );
  database.close();
  const { status, body } = await ask({ "X-Forwarded-For": "203.0.113.7" });
  expect([status, body]).toEqual([503, { ...forPublic, ready: false, store: "not writable" }]);
});

test("a site without an article that readers may see is not ready", async () => {
  const empty = await buildSiteOf({ "a.md": articleFile({ draft: "true" }) });
  const { status, body } = await request(empty.server)
    .get("/readyz")
    .set("X-Forwarded-For", "203.0.113.7");
  await empty.close();
  expect([status, body]).toEqual([503, { ...forPublic, ready: false }]);
});
