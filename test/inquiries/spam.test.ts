// The spam score: its signs, and that one weak sign does not quarantine an inquiry. Then real
// inquiries and advertising through the form.

import { readForm, type Answers } from "../../src/inquiries/form.ts";
import { spamReason } from "../../src/inquiries/spam.ts";
import { filledAnswers } from "../support/form.ts";
import { advertising, agencyPitches, honestInquiries, realInquiries } from "./real-inquiries.ts";

const links = (count: number, start = "https://") =>
  Array.from({ length: count }, (_, n) => `${start}docs${n}.fjord.example/adr`).join("\n");
/** A text with so many links and words. */
const brief = (linkCount: number, words: number, word = "word ") => ({
  message: `${links(linkCount)}\n${word.repeat(words)}`,
});

const trap = true;

test.each<[string, Partial<Answers>, boolean, string]>([
  ["an ordinary inquiry", {}, false, ""],
  ["a filled trap alone, as a password manager leaves it", {}, trap, ""],
  ["three links with a filled trap", { message: links(3) }, trap, ""],
  ["four links alone", { message: links(4) }, false, ""],
  ["HTML that links nowhere", { message: "<b>bold</b> <a name=x> a < b" }, false, ""],
  ["an address without scheme as name", { name: "fjordfreight.example" }, false, ""],
  ["six links that start with https://www.", { message: links(6, "https://www.") }, false, ""],
  ["a brief with 26 links and 2,000 words", brief(26, 2_000), trap, ""],
  ["a short brief with six links and 240 words", brief(6, 240), trap, ""],
  ["the same in Chinese, without spaces", brief(6, 240, "项目"), trap, ""],
  ["fifty links with 301 words", brief(50, 301), false, ""],
  ["a web address as company", { company: "https://www.nordfrost.example/" }, false, ""],
  ["one after the company", { company: "Nordfrost (https://nordfrost.example/), Oslo" }, false, ""],
  ["two signs of a pitch", { message: "We offer SEO" }, false, ""],
  ["three of them", { message: "We offer SEO for your website" }, false, "an offer of services"],
  ["a page as company", { company: "www.a.example/pills" }, false, "^a link in a one-line answer"],
  ["a query as company", { company: "https://a.example?x" }, false, "^a link in a one-line answer"],
  [
    "fifty links with 300 words",
    brief(50, 300),
    false,
    "many links; more than ten links in a short",
  ],
  ["fifty links with 301 words and a filled trap", brief(50, 301), trap, "many links"],
  ["six links with 239 words and a filled trap", brief(6, 239), trap, "many links"],
  ["four links with a filled trap", { message: links(4, "www.") }, trap, "filled in; many links"],
  [
    "eleven links",
    { message: links(11) },
    false,
    "many links; more than ten links in a short text",
  ],
  ["a link as name", { name: "WWW.PILLS.EXAMPLE" }, false, "a link in a one-line answer"],
  ["forum markup", { message: "[URL=http://pills.example]x[/URL]" }, false, "forum or HTML markup"],
  ["an HTML link", { message: "<A class=x HREF='http://x.example'>x</A>" }, false, "HTML markup"],
])("the reasons to quarantine %s", (_name, answers, isTrapFilled, expected) => {
  const reasons = spamReason({ ...filledAnswers, ...answers }, isTrapFilled);
  expect(reasons).toMatch(expected === "" ? /^$/ : new RegExp(expected));
});

const isQuarantined = (form: Record<string, string>) => {
  const submitted = readForm(form);
  expect(submitted.problems).toEqual([]);
  return spamReason(submitted.answers, submitted.isTrapFilled) !== "";
};

test("of real inquiries in several scripts, some with links or a filled trap, none is quarantined", () => {
  expect(realInquiries.filter((form) => form.leave_empty !== "").length).toBeGreaterThan(6);
  expect(realInquiries.filter(({ message }) => /https:/.test(message)).length).toBeGreaterThan(4);
  expect(realInquiries.filter(isQuarantined)).toEqual([]);
});

test("of honest inquiries with the words of pitches none is quarantined, and of pitches thirteen are", () => {
  expect(honestInquiries.filter(isQuarantined)).toEqual([]);
  expect([honestInquiries.length, agencyPitches.length]).toEqual([33, 30]);
  expect(agencyPitches.filter(isQuarantined)).toHaveLength(13);
});

test("all advertising is quarantined, except with a web address as company as its only sign", () => {
  const missed = advertising.filter((form) => !isQuarantined(form));
  expect(missed.map(({ company }) => company)).toEqual([
    "www.moon-coin.example",
    "https://dating.example",
  ]);
});
