// The spam score: its signs, and that one weak sign does not quarantine an inquiry. Then real
// inquiries and advertising through the form.

import { existsSync } from "node:fs";
import path from "node:path";
import request from "supertest";
import { hiddenFields, readForm, type Answers } from "../../src/inquiries/form.ts";
import { spamReason, type SpamSignals } from "../../src/inquiries/spam.ts";
import { liveCheckReason } from "../../src/inquiries/store/interface.ts";
import { advertisement, filledAnswers, filledForm } from "../support/form.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, tuesday } from "../support/site.ts";
import { plain } from "../support/store.ts";
import { advertising, agencyPitches, honestInquiries, realInquiries } from "./real-inquiries.ts";

const links = (count: number, start = "https://") =>
  Array.from({ length: count }, (_, n) => `${start}docs${n}.fjord.example/adr`).join("\n");
/** A text with so many links and words. */
const brief = (linkCount: number, words: number, word = "word ") => ({
  message: `${links(linkCount)}\n${word.repeat(words)}`,
});

const trap = { isTrapFilled: true };
const domainAsCompany = { company: "www.a.example", message: links(3) };
const third = { recentFromNetwork: 2 };

test.each<[string, Partial<Answers>, Partial<SpamSignals>, string]>([
  ["an ordinary inquiry", {}, {}, ""],
  ["a filled trap alone, as a password manager leaves it", {}, trap, ""],
  ["three links with a filled trap", { message: links(3) }, trap, ""],
  ["four links alone", { message: links(4) }, {}, ""],
  ["ten links alone", { message: links(10) }, {}, ""],
  ["the third from one network alone, as in an office", {}, third, ""],
  ["the second from one network with a filled trap", {}, { ...trap, recentFromNetwork: 1 }, ""],
  ["HTML that links nowhere", { message: "<b>bold</b> <a name=x> a < b" }, {}, ""],
  ["an address without scheme as name", { name: "fjordfreight.example" }, {}, ""],
  ["two links that start with https://www.", { message: links(2, "https://www.") }, trap, ""],
  ["six links that start with https://www.", { message: links(6, "https://www.") }, {}, ""],
  ["a brief with 26 links and 2,000 words", brief(26, 2_000), trap, ""],
  ["a short brief with six links and 240 words", brief(6, 240), trap, ""],
  ["the same in Chinese, without spaces", brief(6, 240, "项目"), trap, ""],
  ["fifty links with 301 words", brief(50, 301), {}, ""],
  ["a domain as company", { company: "www.nordfrost.example" }, {}, ""],
  ["a web address as company", { company: "https://www.nordfrost.example/" }, {}, ""],
  ["one after the company", { company: "Nordfrost (https://nordfrost.example/), Oslo" }, {}, ""],
  ["a domain as company and three links", { company: "www.a.example", message: links(3) }, {}, ""],
  ["a domain as company and a filled trap", { company: "www.a.example" }, trap, ""],
  ["a domain as company, three links, the third from one network", domainAsCompany, third, ""],
  ["two signs of a pitch", { message: "We offer SEO" }, {}, ""],
  ["three of them", { message: "We offer SEO for your website" }, {}, "an offer of services"],
  ["a page as company", { company: "www.a.example/pills" }, {}, "^a link in a one-line answer"],
  ["a query as company", { company: "https://a.example?x" }, {}, "^a link in a one-line answer"],
  ["fifty links with 300 words", brief(50, 300), {}, "many links; more than ten links in a short"],
  ["fifty links with 301 words and a filled trap", brief(50, 301), trap, "many links"],
  ["six links with 239 words and a filled trap", brief(6, 239), trap, "many links"],
  ["four links with a filled trap", { message: links(4) }, trap, "filled in; many links"],
  ["four without scheme", { message: links(4, "www.") }, trap, "filled in; many links"],
  ["the third with a filled trap", {}, { ...trap, ...third }, "in; third .* within ten minutes$"],
  ["eleven links", { message: links(11) }, {}, "many links; more than ten links in a short text"],
  ["a link as name", { name: "http://pills.example" }, {}, "a link in a one-line answer"],
  ["a link in capitals as name", { name: "WWW.PILLS.EXAMPLE" }, {}, "a link in a one-line answer"],
  ["forum markup", { message: "[URL=http://pills.example]x[/URL]" }, {}, "forum or HTML markup"],
  ["an HTML link", { message: "<A class=x HREF='http://x.example'>x</A>" }, {}, "HTML markup"],
])("the reasons to quarantine %s", (_name, answers, signals, expected) => {
  const noSignals = { isTrapFilled: false, recentFromNetwork: 0 };
  const reasons = spamReason({ ...filledAnswers, ...answers }, { ...noSignals, ...signals });
  expect(reasons).toMatch(expected === "" ? /^$/ : new RegExp(expected));
});

const isQuarantined = (form: Record<string, string>) => {
  const submitted = readForm(form);
  expect(submitted.problems).toEqual([]);
  return spamReason(submitted.answers, { ...submitted, recentFromNetwork: 0 }) !== "";
};

test("of real inquiries in several scripts, some with links or a filled trap, none is quarantined", () => {
  expect(realInquiries.filter((form) => form.leave_empty !== "").length).toBeGreaterThan(6);
  expect(realInquiries.filter(({ message }) => /https:/.test(message)).length).toBeGreaterThan(4);
  expect(realInquiries.filter(isQuarantined)).toEqual([]);
});

test("of honest inquiries with the words of pitches none is quarantined, and of pitches thirteen are", () => {
  expect(honestInquiries.filter(isQuarantined)).toEqual([]);
  expect([honestInquiries.length, agencyPitches.length]).toEqual([30, 30]);
  expect(agencyPitches.filter(isQuarantined)).toHaveLength(13);
});

test("all advertising is quarantined, except with a web address as company as its only sign", () => {
  const missed = advertising.filter((form) => !isQuarantined(form));
  expect(missed.map(({ company }) => company)).toEqual([
    "www.moon-coin.example",
    "https://dating.example",
  ]);
});

describe("the form", () => {
  let site: Awaited<ReturnType<typeof buildTestSite>>;
  beforeEach(async () => {
    site = await buildTestSite();
  });
  afterEach(() => site.close());

  const receiptOf = async (reference: string) => {
    const { text } = await request(site.server).get(`/contact/received?ref=${reference}`);
    return text.replaceAll(reference, "REFERENCE");
  };

  test("quarantines advertising with the same receipt as any inquiry, and does not mail it", async () => {
    const honest = await postForm(site);
    const quarantined = await postForm(site, advertisement);
    expect(await receiptOf(quarantined)).toBe(await receiptOf(honest));
    expect(await receiptOf(quarantined)).not.toMatch(/quarantin|suspic/);
    expect(await site.worker.deliverDue()).toBe(1);
    expect(site.mailbox.map(({ reference }) => reference)).toEqual([honest]);
  });

  test("mails a released inquiry with Reply-To, and says why it was quarantined", async () => {
    const reference = await postForm(site, { name: "www.fjordfreight.example" });
    expect(await site.worker.deliverDue()).toBe(0);
    await site.store.release(reference, plain.deadlines.answerBy, tuesday);
    expect(await site.worker.deliverDue()).toBe(1);
    const [mail] = site.mailbox;
    expect(mail).toMatchObject({ reference, replyTo: { address: filledForm.email } });
    expect(mail?.text).toMatch(/^Quarantined +a link in a one-line answer$/m);
    expect(mail?.html).toContain("a link in a one-line answer");
    expect(mail?.text).toContain("takes until breakfast");
  });

  test("quarantines a live check, never mails it as an inquiry, and lists no erasure when it is deleted", async () => {
    const reference = await postForm(site, { [hiddenFields.liveCheck]: "on" });
    expect(await site.store.find({ reference })).toMatchObject({
      state: "quarantined",
      quarantine_reason: liveCheckReason,
    });
    await site.worker.deliverDue();
    expect(site.mailbox).toEqual([]);
    await site.store.deleteLiveChecks(reference, site.clock.now);
    expect(await site.store.list()).toEqual([]);
    expect(existsSync(path.join(site.config.dataDir, "erased-references.txt"))).toBe(false);
  });

  test("an inquiry with the answers of a live check is another inquiry, and stays when the check is deleted", async () => {
    const check = await postForm(site, { [hiddenFields.liveCheck]: "on" });
    const reference = await postForm(site);
    expect(reference).not.toBe(check);
    await site.store.deleteLiveChecks(check, site.clock.now);
    expect(await site.store.list()).toMatchObject([{ reference, state: "pending" }]);
  });
});
