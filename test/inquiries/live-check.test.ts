// The inquiry that doctor sends to test the form: it is quarantined, is overdue for nobody, and
// leaves no trace.

import { existsSync } from "node:fs";
import path from "node:path";
import { hiddenFields } from "../../src/inquiries/form.ts";
import { liveCheckReason } from "../../src/inquiries/store/schema.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite } from "../support/site.ts";

let site: Awaited<ReturnType<typeof buildTestSite>>;
beforeEach(async () => {
  site = await buildTestSite();
});
afterEach(() => site.close());

const check = { [hiddenFields.liveCheck]: "on" };

test("a live check is stored, never mailed as an inquiry, and deleted without an entry in the list of erasures", async () => {
  const reference = await postForm(site, check);
  expect(await site.store.find({ reference })).toMatchObject({
    state: "quarantined",
    quarantine_reason: liveCheckReason,
  });
  await site.delivery.deliverDue();
  expect(site.mailbox).toEqual([]);
  await site.store.deleteLiveChecks(reference, site.clock.now);
  expect(await site.store.list()).toEqual([]);
  expect(existsSync(path.join(site.config.dataDir, "erased-references.txt"))).toBe(false);
});
