// The rules for what people type: which answers the form accepts, the messages with which it refuses
// others, how it normalises text, which words are a reference, which addresses are the same, which
// domains count as mistyped or cannot receive mail (over real DNS packets), what looks like
// advertising, and which senders are one network.

import {
  createDomainLookup,
  emailKey,
  findAddressDoubt,
  findTypingError,
  mailboxKey,
} from "../../src/inquiries/email-address.ts";
import { fields, formSchema, type Answers, readForm } from "../../src/inquiries/form.ts";
import { createReference, parseReference } from "../../src/inquiries/inquiry.ts";
import { createRateLimit } from "../../src/inquiries/rate-limit.ts";
import { spamReason } from "../../src/inquiries/spam.ts";
import { startDnsPeer } from "../support/dns-peer.ts";
import { filledAnswers, filledForm, type FormChanges } from "../support/form.ts";

const read = (changes: FormChanges) => readForm({ ...filledForm, ...changes });
const accepted = (changes: FormChanges) => {
  const { answers, errors: found } = read(changes);
  if (found.length > 0) throw new Error(`refused: ${JSON.stringify(found)}`);
  return answers;
};
const errors = (changes: FormChanges) =>
  read(changes).errors.map(({ field, message }) => `${field}: ${message}`);

test("a filled-in form is accepted as it was typed", () => {
  expect(accepted({})).toEqual(filledAnswers);
});

test("every missing required answer is an error, in the order of the form", () => {
  const required = fields.flatMap(({ name, missing }) => (missing ? name : []));
  expect(readForm({}).errors.map(({ field }) => field)).toEqual(required);
});

test.each(fields)("the schema of the form has the rules of $name", (field) => {
  const { name, control, missing, maxLength, choices } = field;
  const mistake = "not what was asked for";
  const refused = [
    missing ? "" : undefined,
    maxLength ? "x".repeat(maxLength + 1) : undefined,
    missing && choices ? mistake : undefined,
    control === "email" ? mistake : undefined,
  ].filter((answer) => answer !== undefined);
  for (const answer of refused) {
    const { error } = formSchema.safeParse({ ...filledForm, [name]: answer });
    expect(error?.issues.map(({ path }) => path)).toEqual([[name]]);
  }
  if (choices && !missing)
    expect(formSchema.parse({ ...filledForm, [name]: mistake })[name]).toBe("");
});

test.each([
  ["søren@example.dk"],
  ["ops@münchen.de"],
  ["o'brien+cv@mail.example.co.uk"],
  ["用户@例子.公司"],
  ["a@b.dk"],
  ["  padded@example.dk  "],
  [`${"x".repeat(64)}@b.dk`],
])("the address %s is accepted", (email) => {
  expect(accepted({ email }).email).toBe(email.trim());
});

test.each([
  ["priya.raman at fjordfreight", "Enter an email address like name@company.com"],
  ["a@b.dk, evil@c.dk", "Enter only one email address, with one @ sign"],
  ["a@b.dk\nBcc: evil@c.dk", "Enter only one email address, with one @ sign"],
  ["Mette <m@x.dk>", "Enter only the email address, without a name or the signs < and >"],
  ["a@b.dk?bcc=x@y.z", "Enter only one email address, with one @ sign"],
  ["@b.dk", "Enter an email address like name@company.com"],
  ["a b@c.dk", "Enter the email address without spaces"],
  ["=?utf-8?q?ceo=40bank.dk=2c?=@client.dk", "Enter the email address without “=?”"],
  [
    "a\u200b@b.dk",
    "Type the email address instead of pasting it: it contains an invisible character",
  ],
  ["a@b,c.dk", "Enter the email address without “,”"],
  ["a@[192.0.2.1]", "Enter the email address without “[”"],
  [
    "mette@nordhavn",
    "The part after the @ sign must be a domain name like company.com, not “nordhavn”",
  ],
  ["mette@", "Enter a domain name like company.com after the @ sign"],
  ["a@b..dk", "The part after the @ sign must be a domain name like company.com, not “b..dk”"],
  ["a@-b.dk", "The part after the @ sign must be a domain name like company.com, not “-b.dk”"],
  ["a@x.123", "The part after the @ sign must be a domain name like company.com, not “x.123”"],
  ["a@1.2.3.4", "The part after the @ sign must be a domain name like company.com, not “1.2.3.4”"],
])("the address %j is refused with a sentence that says what is wrong", (email, sentence) => {
  expect(errors({ email })).toEqual([`email: ${sentence}`]);
});

test("a line end counts as one character, as in the browser", () => {
  expect(accepted({ message: "a\r\n".repeat(9_999) + "ab" }).message).toHaveLength(20_000);
});

test.each([
  ["line breaks in a name", { name: "Eve\r\nBcc: a@b.dk" }, { name: "Eve Bcc: a@b.dk" }],
  ["control characters", { message: "a\0b\x07c\x1bd" }, { message: "abcd" }],
  ["marks that reorder text", { message: "abc\u202edef\u2066g" }, { message: "abcdefg" }],
  ["lone surrogates", { message: "a\ud800b" }, { message: "ab" }],
  ["line ends of every system", { message: "a\r\nb\rc\u2028d" }, { message: "a\nb\nc\nd" }],
  ["tabs in a message", { message: "a\tb\n\nc" }, { message: "a\tb\n\nc" }],
  ["HTML", { message: "<script>alert(1)</script>" }, { message: "<script>alert(1)</script>" }],
  ["letters of any script", { name: "Łukasz 山田 👩🏽‍💻" }, { name: "Łukasz 山田 👩🏽‍💻" }],
  ["an unknown optional choice", { start: "yesterday" }, { start: "" }],
])("%s: the form stores what is visible", (_what, changes, expected) => {
  expect(accepted(changes)).toMatchObject(expected);
});

test("an answer of control or invisible characters counts as empty", () => {
  expect(errors({ name: "\0\x01" })).toEqual(["name: Enter your name"]);
  expect(errors({ name: "\u200b" })).toEqual(["name: Enter your name"]);
});

test.each([
  ["another case", "Mette@Nordhavn.DK", "mette@nordhavn.dk", true],
  ["a domain in punycode", "ops@münchen.de", "ops@xn--mnchen-3ya.de", true],
  ["an accent as a second character", "ren\u0065\u0301@b.dk", "rené@b.dk", true],
  ["letters of full width", "ｏｐｓ＠ｂ.dk", "ops@b.dk", true],
  ["the other domain of Gmail", "Mette@GoogleMail.com", "mette@gmail.com", true],
  ["another domain", "a@b.dk", "a@b.com", false],
  ["what follows a plus", "mette+a@b.dk", "mette@b.dk", false],
  ["an accent", "rené@b.dk", "rene@b.dk", false],
])("an address with %s: %s and %s are the same: %s", (_name, one, other, isSame) => {
  expect(emailKey(one) === emailKey(other)).toBe(isSame);
});

test.each([
  ["mette+news+x@b.dk", "mette@b.dk", true],
  ["Mette+a@googlemail.com", "met.te+b@gmail.com", true],
  ["+a@b.dk", "+b@b.dk", false],
])("the mailbox of %s and %s is the same: %s", (one, other, isSame) => {
  expect(mailboxKey(one) === mailboxKey(other)).toBe(isSame);
});

test.each([
  [" cs-7f3k-9qxm\n", "CS-7F3K-9QXM"],
  ["CS-OIL1-oi1l", "CS-0111-0111"],
  ["jvny6tf8", "CS-JVNY-6TF8"],
  ["cs 5bwg 868k", "CS-5BWG-868K"],
  ["[CS–5bwg–868k].", "CS-5BWG-868K"],
  ["", undefined],
  ["CS-7F3K-9QX", undefined],
  ["CS-7F3K-9QXMM", undefined],
  ["CS-7F3K-9QXU", undefined],
  ["CS=7F3K=9QXM", undefined],
])("%j is the reference %s", (typed, reference) => {
  expect(parseReference(typed)).toBe(reference);
});

test("a new reference is one that can be read back, and no two are the same", () => {
  const created = Array.from({ length: 100 }, createReference);
  expect(created.map(parseReference)).toEqual(created);
  expect(new Set(created).size).toBe(100);
});

test.each([
  ["mette@gmial.com", "mette@gmail.com"],
  ["mette@gmail.con", "mette@gmail.com"],
  ["mette@gmial.con", "mette@gmail.com"],
  ["mette@yaho.com", "mette@yahoo.com"],
  ["mette@nordhavn.con", "mette@nordhavn.com"],
  ["søren@münchen.cmo", "søren@münchen.com"],
])("%s is asked about: did you mean %s?", (address, corrected) => {
  expect(findTypingError(address)?.question).toBe(`Did you mean ${corrected}?`);
});

// Providers that are close to one another, and endings that are close to .com.
const realDomains = `
  gmail.com googlemail.com mail.com email.com ymail.com rocketmail.com yahoo.com yahoo.dk
  yahoo.co.id yahoo.co.uk hotmail.com hotmail.dk hotmail.co.uk outlook.com outlook.dk live.dk
  icloud.com me.com mac.com pm.me protonmail.com protonmail.ch fastmail.com hey.com zoho.com
  gmx.com gmx.net gmx.de web.de mail.de email.cz mail.dk mail.ru mail.ee mail.bg o2.pl sky.com
  mail.co gmx.co nordhavn.co nordhavn.cm nordhavn.om nordhavn.cam nordhavn.community
`;
test("no domain of a real mail provider is asked about", () => {
  const domains = realDomains.trim().split(/\s+/);
  expect(domains.filter((domain) => findTypingError(`mette@${domain}`))).toEqual([]);
});

test("only other domains are looked up, in lower-case ASCII", async () => {
  const asked: string[] = [];
  const lookUp = (domain: string) => Promise.resolve(void asked.push(domain));
  for (const domain of ["Nordhavn.DK", "MÜNCHEN.de", "gmial.com"])
    await findAddressDoubt(`mette@${domain}`, lookUp);
  expect(asked).toEqual(["nordhavn.dk", "xn--mnchen-3ya.de"]);
});

const dns = await startDnsPeer({
  "nordhavn.dk": { MX: ["mx1.nordhavn.dk", "mx2.nordhavn.dk"] },
  "only-ipv4.dk": { A: ["192.0.2.1"] },
  "alias.dk": { CNAME: "only-ipv4.dk" },
  "parked.dk": {},
  "null-mx.dk": { MX: ["."], A: ["192.0.2.1"] },
});
function lookUp(domain: string, failure?: typeof dns.failure, limitMs = 10_000) {
  dns.failure = failure;
  return createDomainLookup({ servers: [dns.server], limitMs })(domain);
}

test.each([
  ["with mail servers", "nordhavn.dk", undefined],
  ["with nothing but an address", "only-ipv4.dk", undefined],
  ["that is an alias", "alias.dk", undefined],
  ["without any record", "parked.dk", undefined],
  ["with a null MX", "null-mx.dk", "doesn’t accept email"],
  ["that does not exist", "nordhavnn.dk", "doesn’t exist"],
])("the look-up of a domain %s: %s is %s", async (_name, domain, expected) => {
  expect(await lookUp(domain)).toBe(expected);
});

test.each([
  ["SERVFAIL", 10_000],
  ["REFUSED", 10_000],
  ["silence", 100],
] as const)("the look-up finds nothing after %s", async (failure, limitMs) => {
  expect(await lookUp("nordhavnn.dk", failure, limitMs)).toBeUndefined();
});

test.each<[string, Partial<Answers>, boolean, string]>([
  ["a filled trap alone, as a password manager leaves it", {}, true, ""],
  ["fifty links", { message: "https://docs.fjord.example/adr\n".repeat(50) }, false, ""],
  ["a page as company", { company: "https://www.nordfrost.example/om?x=1" }, false, ""],
  ["a filled trap and a link", { message: "see https://a.example" }, true, "trap"],
  ["a filled trap and a link as name", { name: "WWW.PILLS.EXAMPLE" }, true, "trap"],
  ["forum markup", { message: "Buy [URL=http://a.example]pills[/URL] now!!!" }, false, "markup"],
  ["its other form", { message: "[url]http://a.example[/url] cheap" }, false, "markup"],
  ["HTML", { message: "<a href='http://a.example'>first page</A> guaranteed" }, false, "markup"],
  [
    "both at once",
    { message: "[url=http://a.example]x[/url] <a href=b>x</a> buy" },
    false,
    "markup",
  ],
  [
    "a ticket that is quoted with its link",
    {
      message:
        "From our Jira: [url=https://jira.skat.example/OPS-221]OPS-221[/url] {code}NullPointerException at Meter.java:88{code}",
    },
    false,
    "",
  ],
  // Seen in the wave of November 2025, which passes every captcha, and in 2011 and 2020.
  ...[
    "PkKJcOVuFNDEPOzZ",
    "udFJASLcDjUUgUFn",
    "tVJyLRYhpTIxHGyqUdIf",
    "ZKIqcNxhtdPG",
    "RULITldVgsx",
  ].map((message): [string, Partial<Answers>, boolean, string] => [
    message,
    { message },
    false,
    "random-letters",
  ]),
  ...[
    "help",
    "Produktionsausfall",
    "PRODUKTIONSAUSFALL",
    "Angstschweiss",
    "Verfügbarkeitsproblem",
    "データベースが遅い",
    "NullPointerException",
    "HikariPoolConnectionTimeout",
    "JdbcTemplate",
    "PostgreSQL",
    "java.lang.OutOfMemoryError",
    "https://gist.example/aZkQpXvTrWmBnLcDs",
    "PkKJcOVuFNDEPOzZ is the id of the failing job",
  ].map((message): [string, Partial<Answers>, boolean, string] => [
    message,
    { message },
    false,
    "",
  ]),
  ["a name of random letters alone", { name: "udFJASLcDjUUgUFn" }, false, ""],
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
])("advertising or not: %s", (_name, answers, isTrapFilled, expected) => {
  expect(spamReason({ ...filledAnswers, ...answers }, isTrapFilled)).toBe(expected);
});

const at = (seconds: number) => new Date(seconds * 1_000);
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
  const limit = createRateLimit([{ ms: 600_000, max: 1 }]);
  expect(limit.countOrWait(first, at(0))).toBe(0);
  expect(limit.countOrWait(second, at(0))).toBe(same ? 600 : 0);
});

test("a network that sends all the time keeps no other in memory", () => {
  const limit = createRateLimit([{ ms: 600_000, max: 1 }]);
  limit.countOrWait("203.0.113.9", at(0));
  limit.countOrWait(office, at(1));
  limit.countOrWait("203.0.113.9", at(700));
  expect(limit.countOrWait(office, at(500))).toBe(0); // a network in memory would wait 101 s
});

test("a network is forgotten ten minutes after its last inquiry", () => {
  const limit = createRateLimit([{ ms: 600_000, max: 1 }]);
  limit.countOrWait(office, at(600));
  limit.countOrWait("203.0.113.8", at(900));
  limit.countOrWait("2001:db8::1", at(1_200));
  expect(limit.countOrWait("203.0.113.8", at(1_199))).toBe(301);
  expect(limit.countOrWait(office, at(1_199))).toBe(0); // it would count otherwise
});
