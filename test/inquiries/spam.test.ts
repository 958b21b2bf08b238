// The spam score: its signs, and that one weak sign does not quarantine an inquiry. Then real
// inquiries and advertising through the form.

import request from "supertest";
import { readForm, type Answers } from "../../src/inquiries/form.ts";
import { spamReason, type SpamSignals } from "../../src/inquiries/spam.ts";
import { filledAnswers, filledForm } from "../support/form.ts";
import { attributesOf } from "../support/html.ts";
import { unquoted } from "../support/mail.ts";
import { buildTestSite, tuesday } from "../support/site.ts";
import { plain } from "../support/store.ts";
import { withStore } from "../support/stored.ts";
import { advertising, realInquiries } from "./real-inquiries.ts";

const links = (count: number, start = "https://") =>
  Array.from({ length: count }, (_, n) => `${start}docs${n}.fjord.example/adr`).join("\n");
/** A text with so many links and words. */
const brief = (linkCount: number, words: number, word = "word ") => ({
  message: `${links(linkCount)}\n${word.repeat(words)}`,
});

const trap = { isTrapFilled: true };
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

test("the sample has sixty inquiries in several scripts that the form accepts unchanged, some with a filled trap", () => {
  expect(realInquiries).toHaveLength(60);
  expect(realInquiries.filter((form) => form.leave_empty !== "").length).toBeGreaterThanOrEqual(8);
  expect(
    realInquiries.filter(({ message }) => message.length > 1_000).length,
  ).toBeGreaterThanOrEqual(3);
  expect(
    realInquiries.filter(({ message }) => /https:\/\//.test(message)).length,
  ).toBeGreaterThanOrEqual(12);
  expect(
    realInquiries.filter(({ message }) => /[\p{sc=Han}\p{sc=Hangul}]/u.test(message)).length,
  ).toBeGreaterThan(9);
  for (const form of [...realInquiries, ...advertising]) {
    const { leave_empty: _filled, ...answers } = form;
    expect(readForm(form)).toMatchObject({ problems: [], answers });
  }
});

describe("the form", () => {
  let site: Awaited<ReturnType<typeof buildTestSite>>;
  beforeEach(async () => {
    site = await buildTestSite({ env: { TRUST_PROXY: "1" } });
  });
  afterEach(() => site.close());

  /** Sends each form from another network. Returns status, reference and receipt. */
  async function sendAll(forms: typeof realInquiries) {
    const answers = [];
    for (const [index, form] of forms.entries()) {
      const from = { "X-Forwarded-For": `198.51.${index}.1` };
      const { status, headers } = await request(site.server)
        .post("/contact")
        .set(from)
        .type("form")
        .send(form);
      const receipt = await request(site.server).get(headers["location"] ?? "/nowhere");
      const reference = /CS-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(headers["location"] ?? "")?.[0] ?? "none";
      answers.push({ status, reference, receipt: receipt.text.replaceAll(reference, "REFERENCE") });
    }
    return answers;
  }

  const counts = async () =>
    ((await request(site.server).get("/readyz")).body as { inquiries: Record<string, number> })
      .inquiries;

  test("sixty real inquiries are all stored, at most two are quarantined, and all senders get the same receipt", async () => {
    const answers = await sendAll(realInquiries);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]));
    expect(new Set(answers.map(({ reference }) => reference)).size).toBe(60);
    expect(new Set(answers.map(({ receipt }) => receipt)).size).toBe(1);
    const { pending = 0, quarantined = 0 } = await counts();
    expect(pending + quarantined).toBe(60);
    expect(quarantined).toBeLessThanOrEqual(2);
    await site.delivery.deliverDue();
    expect(site.mailbox).toHaveLength(pending);
    for (const { reference, text } of site.mailbox) {
      const form = realInquiries[answers.findIndex((answer) => answer.reference === reference)];
      expect(unquoted(text)).toContain(form?.email);
      expect(unquoted(text)).toContain(form?.message.replace(/\s+/g, " "));
    }
  });

  test("advertising is quarantined with the same status and receipt as any inquiry, and is not mailed", async () => {
    const [honestAnswer, ...answers] = await sendAll([{ ...filledForm }, ...advertising]);
    expect(answers).toHaveLength(10);
    for (const { status, receipt } of answers) {
      expect(status).toBe(303);
      expect(receipt).toBe(honestAnswer?.receipt);
      expect(attributesOf(receipt, "class").join(" ")).not.toMatch(/quarantin|suspic/);
    }
    expect(await counts()).toMatchObject({ pending: 1, quarantined: 10 });
    expect(await site.delivery.deliverDue()).toBe(1);
    expect(site.mailbox.map(({ reference }) => reference)).toEqual([honestAnswer?.reference]);
  });

  test("a released inquiry is mailed with Reply-To, and the mail says why it was quarantined", async () => {
    const [answer] = await sendAll([{ ...filledForm, name: "www.fjordfreight.example" }]);
    expect(await site.delivery.deliverDue()).toBe(0);
    const reference = answer?.reference ?? "";
    await withStore(site, (store) => store.release(reference, plain.deadlines, tuesday));
    expect(await site.delivery.deliverDue()).toBe(1);
    const [mail] = site.mailbox;
    expect(mail).toMatchObject({ reference, replyTo: { address: filledForm.email } });
    expect(mail?.text).toMatch(/^Quarantined +a link in a one-line answer$/m);
    expect(mail?.html).toContain("a link in a one-line answer");
    expect(mail?.text).toContain("takes until breakfast");
  });
});
