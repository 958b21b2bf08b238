// What is stored of a form that is sent.

import { hiddenFields } from "../../src/inquiries/form.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite } from "../support/site.ts";

test("an inquiry with the answers of a live check is another", async () => {
  await using site = await buildTestSite();
  const check = await postForm(site, { [hiddenFields.liveCheck]: "on" });
  const reference = await postForm(site);
  expect(reference).not.toBe(check);
  await site.store.deleteLiveChecks(check, site.clock.now);
  expect(await site.store.list()).toMatchObject([{ reference, delivery: { state: "pending" } }]);
});
