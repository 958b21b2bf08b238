// What is quarantined as advertising: a form with a filled trap and a link, and forum markup. What
// clients write isn't.

import type { Answers } from "../../src/inquiries/form.ts";
import { spamReason } from "../../src/inquiries/spam.ts";
import { advertisement, filledAnswers } from "../support/form.ts";
import { passAt, eachOnANewSite, row, site, use } from "../support/passes.ts";
import { postForm, tuesday } from "../support/site.ts";

const trap = "the hidden field was filled in, and there is a link";
const markup = "links in forum markup";

test.each<[string, Partial<Answers>, boolean, string]>([
  ["a filled trap alone, as a password manager leaves it", {}, true, ""],
  ["fifty links", { message: "https://docs.fjord.example/adr\n".repeat(50) }, false, ""],
  ["a page as company", { company: "https://www.nordfrost.example/om?x=1" }, false, ""],
  ["a filled trap and a link", { message: "see https://a.example" }, true, trap],
  ["a filled trap and a link as name", { name: "WWW.PILLS.EXAMPLE" }, true, trap],
  ["forum markup", { message: "Buy [URL=http://a.example]pills[/URL] now!!!" }, false, markup],
  ["its other form", { message: "[url]http://a.example[/url] cheap" }, false, markup],
  ["HTML", { message: "<a href='http://a.example'>first page</A> guaranteed" }, false, markup],
  ["both at once", { message: "[url=http://a.example]x[/url] <a href=b>x</a> buy" }, false, markup],
  [
    "a ticket that is quoted with its link",
    {
      message:
        "From our Jira: [url=https://jira.skat.example/OPS-221]OPS-221[/url] {code}NullPointerException at Meter.java:88{code}",
    },
    false,
    "",
  ],
  [
    "quoted advertising",
    {
      message:
        "We get mails like this:\n> Dear owner, we offer SEO for $99! https://rank-first.example",
    },
    false,
    "",
  ],
  [
    "an unclosed link",
    { message: 'Mails have <a href="https://a.example/x"> in them.' },
    false,
    "",
  ],
])("%s", (_name, answers, isTrapFilled, expected) => {
  expect(spamReason({ ...filledAnswers, ...answers }, isTrapFilled)).toBe(expected);
});

describe("a site", () => {
  eachOnANewSite();

  test("quarantines nothing from a mailbox that was mailed to staff", async () => {
    const quarantined = await postForm(site, advertisement);
    const email = "priya.raman+shop@fjordfreight.example";
    await postForm(site, { email, message: "first" });
    await passAt(tuesday);
    const later = await postForm(site, { ...advertisement, name: "Another" });
    expect([(await row(quarantined)).delivery.state, (await row(later)).delivery.state]).toEqual([
      "quarantined",
      "pending",
    ]);
  });

  test("quarantines a known mailbox too in a flood", async () => {
    await use({ INQUIRIES_PER_HOUR_TOTAL: "1" });
    await postForm(site);
    await passAt(tuesday);
    expect(await row(await postForm(site, { message: "second" }))).toMatchObject({
      delivery: { quarantineReason: "too many inquiries arrived within an hour" },
    });
  });
});
