// What is quarantined as advertising: a form with a filled trap and a link, and forum markup. What
// clients write isn't. And which addresses the rate limit counts as one network, and for how long.

import type { Answers } from "../../src/inquiries/form.ts";
import { createRateLimit } from "../../src/inquiries/rate-limit.ts";
import { spamReason } from "../../src/inquiries/spam.ts";
import { buildSiteOf } from "../support/articles.ts";
import { advertisement, filledAnswers, type FormChanges } from "../support/form.ts";
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

test("who was mailed to staff before is quarantined only in a flood", async () => {
  const site = await buildSiteOf({}, { env: { INQUIRIES_PER_HOUR_TOTAL: "2" } });
  const email = "priya.raman+shop@fjordfreight.example"; // the mailbox of the others
  const reasonOf = async (changes: FormChanges) =>
    (await site.store.find({ reference: await postForm(site, changes) }))?.delivery
      .quarantineReason;
  expect(await reasonOf(advertisement)).toBe(markup);
  expect(await reasonOf({ email, message: "first" })).toBe("");
  await site.worker.deliverDue();
  expect(await reasonOf({ ...advertisement, name: "Another" })).toBe("");
  const flood = "too many inquiries arrived within an hour";
  expect(await reasonOf({ message: "beyond the total of an hour" })).toBe(flood);
});

const at = (seconds: number) => new Date(tuesday.getTime() + seconds * 1_000);
const office = "203.0.113.7";

test.each([
  ["an IPv4 address and itself", true, office, office],
  ["two neighbours in IPv4", false, office, "203.0.113.8"],
  ["an IPv4 address and its mapped form", true, office, "::ffff:203.0.113.7"],
  ["the mapped form in capitals", true, office, "::FFFF:203.0.113.7"],
  ["the mapped form in hexadecimal", true, office, "::ffff:cb00:7107"],
  ["two hexadecimal mapped addresses", false, "::ffff:cb00:7107", "::ffff:c633:6401"],
  ["two addresses of one /48", true, "2001:db8:1:2::1", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"],
  ["two spellings of one /48", true, "2001:db8:0:0:1::9", "2001:0DB8::2:0:0:3"],
  ["two neighbouring /48s", false, "2001:db8:1::1", "2001:db8:2::1"],
  ["a short address and a long one", false, "2001:db8::1", "2001:db8:1:2:3:4:5:6"],
  ["the two ends of the address space", false, "::1", "ffff::1"],
  ["an address with and without its zone", true, "fe80::1%eth0", "fe80::2"],
  ["nobody and somebody", false, "", office],
])("%s count as one network: %s", (_name, same, first, second) => {
  const limit = createRateLimit(1);
  expect(limit.count(first, tuesday)).toBe(0);
  expect(limit.count(second, tuesday)).toBe(same ? 600 : 0);
});

test("a network is forgotten ten minutes after its last inquiry", () => {
  const limit = createRateLimit(1);
  limit.count(office, at(600));
  limit.count("203.0.113.8", at(900));
  limit.count("2001:db8::1", at(1_200));
  expect(limit.count("203.0.113.8", at(1_199))).toBe(301);
  expect(limit.count(office, at(1_199))).toBe(0); // it would count otherwise
});
