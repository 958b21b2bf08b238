// What staff and managers learn about an inquiry until it is answered, from the digest.

import { postForm } from "../support/post.ts";
import {
  digests,
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
      "1 due today, 1 sent: inquiries on Wednesday 25 November",
      "1 overdue: inquiries on Thursday 26 November",
      "1 overdue: inquiries on Friday 27 November",
      undefined,
      undefined,
      "1 overdue: inquiries on Monday 30 November",
    ]);
    await set(reference, "answered");
    expect(await passAt(digestTime("2026-12-01"))).toBeUndefined();
  });

  test("says who sent it, until when it is due, and where to mark it", async () => {
    const reference = await postForm(site);
    await passAt(tuesday);
    const link = `http://localhost:3000/staff/${(await row(reference)).token}`;
    const wednesday = await passAt(digestTime("2026-11-25"));
    expect(section(wednesday, "DUE TODAY")).toBe(
      `DUE TODAY

> Priya Raman, Fjord Freight
Engineers to join our team, Within a month
${reference}. Answer due Wed 25 Nov 2026, 17:00 Copenhagen. Not taken.
${link}

`,
    );
    site.clock.now = new Date("2026-11-25T08:12:00Z");
    await click(store, reference, "taken", { now: site.clock.now, by: "MK" });
    const thursday = await passAt(digestTime("2026-11-26"));
    expect(section(thursday, "OVERDUE")).toContain(
      `OVERDUE

> Priya Raman, Fjord Freight
Engineers to join our team, Within a month
${reference}. Answer was due Wed 25 Nov 2026, 17:00 Copenhagen. Taken by MK, Wed 25 Nov 2026, 09:12 Copenhagen. To be deleted on 24 December 2026.
${link}

`,
    );
    for (const { text, html } of digests)
      expect([html, text]).toEqual([
        undefined,
        expect.not.stringMatching(/fjordfreight|breakfast|Magelang/i),
      ]);
  });

  test("quotes and truncates the sender, so that no name imitates its lines", async () => {
    const name = `Eve\u2028\n${"OVERDUE http://evil.example ".repeat(4)}`.slice(0, 100);
    await postForm(site, {
      name: name.replaceAll("http://", ""),
      company: "长江云科技".repeat(20),
    });
    await passAt(tuesday);
    const digest = await passAt(digestTime("2026-11-25"));
    const quoted = "> Eve OVERDUE evil.example OVERDUE evil.example OVERDUE evil.…";
    // It is due, and it was sent.
    expect(digest?.text.match(/^>.*|.*(?:Eve|evil|长).*/gm)).toEqual([quoted, quoted]);
  });

  test("says of an overdue inquiry that its mail could not be sent", async () => {
    mailServer.answer = ({ reference }) => (reference.startsWith("digest-") ? sent : refused);
    await postForm(site);
    await passAt(tuesday);
    const thursday = await passAt(digestTime("2026-11-26"));
    expect(section(thursday, "OVERDUE")).toContain("Not taken. Not emailed yet.\n");
    expect(thursday?.text).not.toContain("To be deleted");
    expect(thursday?.text).not.toContain("SENT TO YOUR MAIL SERVER");
  });
});
