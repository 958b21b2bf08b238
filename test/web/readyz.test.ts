// /readyz: whether the site is ready, and whether mail waits. Counts are not for everybody.

import type { SendResult } from "../../src/inquiries/smtp.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, tuesday } from "../support/site.ts";

test("a site is ready while mail waits, which is reported after fifteen minutes, and not once its store is gone", async () => {
  const refused: SendResult = { sent: false, fault: "permanent", reason: "EAUTH 535" };
  const dependencies = { sendMail: () => Promise.resolve(refused) };
  const site = await buildTestSite({ dependencies });
  const askAfter = async (minutes: number) => {
    site.clock.now = new Date(tuesday.getTime() + minutes * 60_000);
    const { status, body, headers } = await site.get("/readyz");
    return [status, body as unknown, headers["cache-control"]];
  };
  await postForm(site);
  await site.worker.deliverDue();
  expect(await askAfter(15)).toEqual([200, { ready: true, mail: "ok" }, "no-store"]);
  expect(await askAfter(16)).toEqual([200, { ready: true, mail: "waiting" }, "no-store"]);
  await site.close();
  expect(await askAfter(17)).toEqual([503, { ready: false }, "no-store"]);
});

test("a site without an article that readers may see is not ready", async () => {
  await using empty = await buildSiteOf({ "a.md": articleFile({ draft: "true" }) });
  const { status, body } = await empty.get("/readyz");
  expect([status, body]).toEqual([503, { ready: false, mail: "ok" }]);
});
