// /readyz: counts and problems are for clients on the same machine. Others get whether the site is ready.

import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { json } from "node:stream/consumers";
import request from "supertest";
import type { SendResult } from "../../src/inquiries/smtp.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, temporaryFolder, tuesday } from "../support/site.ts";

let site: Awaited<ReturnType<typeof buildTestSite>>;
let mailServer: SendResult;
beforeEach(async () => {
  mailServer = { sent: true, refusedRecipients: 0 };
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
    oldestUndeliveredSeconds: 2 * 86_400,
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

test("a client gets counts from each loopback address, and none where its address is not known", async () => {
  const { dir, remove } = await temporaryFolder();
  const socketPath = path.join(dir, "site.sock");
  const answer = async (options: object) => {
    const [response] = (await once(
      get({ path: "/readyz", agent: false, ...options }),
      "response",
    )) as [IncomingMessage];
    return json(response);
  };
  await once(site.server.listen(socketPath), "listening");
  const bySocket = await answer({ socketPath });
  site.server.close();
  await once(site.server, "close");
  await once(site.server.listen(0, "127.0.0.1"), "listening");
  const { port } = site.server.address() as { port: number };
  const fromOther = await answer({ host: "127.0.0.1", port, localAddress: "127.9.8.7" });
  site.server.close();
  await remove();
  expect(bySocket).toEqual(forPublic);
  expect(fromOther).toMatchObject({ ...forPublic, overdue: 0 });
});

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
