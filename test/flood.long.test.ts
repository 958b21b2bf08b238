// A flood: 5,000 forms from many networks within minutes, an honest one among them, and the digest of the
// next day.

import { buildTestSite, tuesday } from "./support/site.ts";
import { countStates } from "./support/store.ts";

test("a flood fills the quarantine, and the next digest names every one of it", async () => {
  const site = await buildTestSite({ env: { TRUST_PROXY: "1" } });
  const send = (number: number, changes: Record<string, string>) =>
    site
      .sendForm({ message: `Order number ${number}`, ...changes })
      .set("X-Forwarded-For", `10.${number >> 8}.${number & 255}.1`);
  const honest = { name: "Mette Holm", message: "Our invoices are sent twice." };
  const statuses = new Map<number, number>();
  for (let number = 0; number < 5_200; number += 10) {
    const some = Array.from({ length: 10 }, (_, index) =>
      send(number + index, number + index === 2_605 ? honest : {}),
    );
    for (const { status } of await Promise.all(some))
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  // The first 200 of an hour are no more suspicious than others.
  expect(await countStates(site.store)).toEqual({ pending: 200, quarantined: 5_000, sent: 0 });
  expect(statuses).toEqual(new Map([[303, 5_200]]));
  expect((await send(5_200, {})).status).toBe(503);
  const found = (await site.store.list()).find(({ answers }) => answers.message === honest.message);
  expect(found?.delivery.state).toBe("quarantined");

  await site.worker.deliverDue();
  site.mailbox.splice(0);
  site.clock.now = new Date(tuesday.getTime() + 20 * 3_600_000);
  await site.worker.runJobs();
  const [digest] = site.mailbox;
  const [, inQuarantine = ""] = digest?.text.split("\nIN QUARANTINE\n") ?? [];
  expect(inQuarantine.match(/^> .*Order number/gm)?.length).toBe(200);
  expect(digest?.text.match(/^CS-\S+ > /gm)?.length).toBe(4_800);
  expect(digest?.text).toContain(`${found?.reference} > Mette Holm, `);
  expect(digest?.text.length).toBeLessThan(1_000_000);
  const { unlisted } = await site.store.summary(site.clock.now);
  expect(unlisted).toBe(0);
}, 300_000);
