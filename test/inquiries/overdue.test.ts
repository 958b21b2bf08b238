// What staff and managers learn about an inquiry until it is answered, from the digest.

import { postForm } from "../support/post.ts";
import {
  eachOnANewSite,
  mailServer,
  passAt,
  refused,
  row,
  section,
  sent,
  set,
  site,
  store,
} from "../support/passes.ts";
import { digestTime, tuesday } from "../support/site.ts";
import { click } from "../support/store.ts";

eachOnANewSite();

describe("the digest", () => {
  test("lists an inquiry as due, then as overdue until it is answered", async () => {
    const reference = await postForm(site);
    await passAt(tuesday);
    const subjects: (string | undefined)[] = [];
    for (const day of [25, 26, 27, 28, 29, 30])
      subjects.push((await passAt(digestTime(`2026-11-${day}`)))?.subject);
    expect(subjects).toEqual([
      "1 due today: inquiries on Wednesday 25 November",
      "1 overdue: inquiries on Thursday 26 November",
      "1 overdue: inquiries on Friday 27 November",
      undefined,
      undefined,
      "1 overdue: inquiries on Monday 30 November",
    ]);
    await set(reference, "answered");
    expect(await passAt(digestTime("2026-12-01"))).toBeUndefined();
  });

  test("says who has taken it, and where to mark it", async () => {
    const reference = await postForm(site);
    await passAt(tuesday);
    site.clock.now = new Date("2026-11-25T08:12:00Z");
    await click(store, reference, "taken", { now: site.clock.now, by: "MK" });
    const link = `http://localhost:3000/staff/${(await row(reference)).token}`;
    const thursday = await passAt(digestTime("2026-11-26"));
    expect(section(thursday, "OVERDUE")).toContain(
      `${reference}. Answer was due Wed 25 Nov 2026, 17:00 Copenhagen. Taken by MK, Wed 25 Nov 2026, 09:12 Copenhagen. To be deleted on 24 December 2026.\n${link}\n`,
    );
    expect(thursday?.text).not.toMatch(/fjordfreight|breakfast|Magelang/i);
  });

  test("says of an overdue inquiry that its mail could not be sent", async () => {
    mailServer.answer = ({ reference }) => (reference.startsWith("digest-") ? sent : refused);
    await postForm(site);
    await passAt(tuesday);
    const thursday = await passAt(digestTime("2026-11-26"));
    expect(section(thursday, "OVERDUE")).toContain("Not taken. Not emailed yet.\n");
    expect(thursday?.text).not.toMatch(/To be deleted|^SENT/m);
  });
});
