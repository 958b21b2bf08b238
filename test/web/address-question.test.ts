// The question about an email address that is probably mistyped or cannot receive mail: it is asked once, and staff read what was found.

import request from "supertest";
import { exportInquiry, toCsv } from "../../src/inquiries/export.ts";
import { createDomainLookup } from "../../src/inquiries/domain-lookup.ts";
import type { DomainFault } from "../../src/inquiries/email-domain.ts";
import { openStore, type Store } from "../../src/inquiries/store/store.ts";
import { storeFile } from "../../src/store-and-mail.ts";
import { startDnsPeer } from "../support/dns-peer.ts";
import { buildTestSite, filledForm, productionEnv } from "../support/site.ts";

type TestSite = Awaited<ReturnType<typeof buildTestSite>>;
let site: TestSite;
let lookedUp: string[];
const faults: Record<string, DomainFault> = {
  "nordhavnn.dk": "does not exist",
  "parked.dk": "does not accept email",
};
const findDomainFault = (domain: string) => {
  lookedUp.push(domain);
  return Promise.resolve(faults[domain]);
};

const build = async (env: Record<string, string> = {}) =>
  (site = await buildTestSite({ env, dependencies: { findDomainFault } }));
beforeEach(() => {
  lookedUp = [];
});
afterEach(() => site.close());

const send = (changes: Record<string, string>) =>
  request(site.server)
    .post("/contact")
    .type("form")
    .send({ ...filledForm, ...changes });
const sendTo = async (email: string, changes: Record<string, string> = {}) =>
  send({ email, ...changes });
const confirm = (email: string, changes: Record<string, string> = {}) =>
  send({ email, asked_about: email, ...changes });
const stored = async <Result>(read: (store: Store) => Promise<Result>): Promise<Result> => {
  const store = await openStore(storeFile(site.config), "cleansystems.example");
  const result = await read(store);
  await store.close();
  return result;
};
const inquiries = () => stored((store) => store.staff.list());
const asked = (text: string) => /name="asked_about" value="([^"]*)"/.exec(text)?.[1];
const question = (text: string) =>
  /class="error" id="page-email-error"><span[^>]*>Question: <\/span>([^<]*)</.exec(text)?.[1];

test("a mistyped domain: the form comes back with every word and a question, and nothing is stored", async () => {
  await build();
  const { status, text, headers } = await sendTo("mette@gmial.com", {
    message: "<b>Our</b> import",
    from: "builder-pattern-in-java",
  });
  expect(status).toBe(422);
  expect(headers["cache-control"]).toBe("private, no-cache");
  expect(question(text)).toBe(
    "Did you mean mette@gmail.com? If mette@gmial.com is correct, send the form again.",
  );
  expect(asked(text)).toBe("mette@gmial.com");
  for (const kept of [
    'value="Priya Raman"',
    'value="mette@gmial.com"',
    "&lt;b&gt;Our&lt;/b&gt; import</textarea>",
    'value="month" selected',
  ])
    expect(text).toContain(kept);
  expect(text).toContain('name="from" value="builder-pattern-in-java"');
  expect(await inquiries()).toEqual([]);
});

test("the question is no error, and a screen reader finds it", async () => {
  await build();
  const { text } = await sendTo("mette@gmial.com");
  expect(text).toMatch(/<title>Is your email address correct\? · Clean Systems<\/title>/);
  expect(text).toContain('<h1 id="page-form-title">Is your email address correct?</h1>');
  expect(text).toContain('<h2 id="page-problems-title">Your message has not been sent yet</h2>');
  expect(text).toContain('<a href="#page-email">Did you mean mette@gmail.com?');
  expect(text).toMatch(
    /<input type="email" id="page-email"[^>]*aria-describedby="page-email-hint page-email-error"/,
  );
  expect(text).not.toMatch(/aria-invalid|Error:/);
});

test.each([
  ["nordhavnn.dk", "does not exist"],
  ["parked.dk", "does not accept email"],
])("the domain %s, which %s: the page says that a reply cannot arrive", async (domain, fault) => {
  await build();
  const { status, text } = await sendTo(`mette@${domain}`);
  expect(status).toBe(422);
  const sendAgain = `If mette@${domain} is correct, send the form again.`;
  expect(question(text)).toBe(
    `The domain ${domain} ${fault}, so our reply would not reach you. ${sendAgain}`,
  );
});

test.each([
  ["mette@gmial.com", "gmial.com may be a typo for gmail.com"],
  ["mette@nordhavnn.dk", "the domain nordhavnn.dk does not exist"],
])(
  "%s sent again is accepted, and the mail and the exports say what was found",
  async (email, finding) => {
    await build();
    await sendTo(email);
    expect((await confirm(email)).status).toBe(303);
    await site.delivery.deliverDue();
    const [mail] = site.mailbox;
    const found = `${finding}; the sender confirmed the address`;
    expect(mail?.text.replace(/\s+/g, " ")).toContain(`Address ${found}`);
    expect(mail?.html).toMatch(new RegExp(`>Address</th>\\s*<td[^>]*>${found}<`));
    const [inquiry] = await inquiries();
    expect(inquiry && exportInquiry(inquiry)).toMatchObject({ emailDoubt: found });
    expect(inquiry && toCsv([inquiry])).toContain(`"${found}"`);
  },
);

test("the same address in another case is the same address", async () => {
  await build();
  expect((await send({ email: "mette@gmial.com", asked_about: "Mette@Gmial.com" })).status).toBe(
    303,
  );
});

test("a corrected address is accepted without a question, and the mail mentions no doubt", async () => {
  await build();
  expect((await send({ email: "mette@gmail.com", asked_about: "mette@gmial.com" })).status).toBe(
    303,
  );
  await site.delivery.deliverDue();
  expect(site.mailbox[0]?.text).not.toMatch(/Address|typing error/);
  expect((await inquiries()).map(({ email_doubt: doubt }) => doubt)).toEqual([""]);
});

test("another doubtful address is asked about again", async () => {
  await build();
  const { status, text } = await send({
    email: "mette@nordhavnn.dk",
    asked_about: "mette@gmial.com",
  });
  expect(status).toBe(422);
  expect(asked(text)).toBe("mette@nordhavnn.dk");
});

test("an error in another answer does not repeat the question", async () => {
  await build();
  const { text } = await confirm("mette@gmial.com", { name: "" });
  expect(text).toContain("One answer is missing");
  expect(question(text)).toBeUndefined();
  expect(asked(text)).toBe("mette@gmial.com");
  expect(
    asked((await send({ email: "nobody", asked_about: "mette@gmial.com" })).text),
  ).toBeUndefined();
});

test("the address asked about is not part of the duplicate key", async () => {
  await build();
  const first = await confirm("mette@nordhavn.dk");
  expect((await sendTo("mette@nordhavn.dk")).headers["location"]).toBe(first.headers["location"]);
});

test("a repeated inquiry gets its receipt without a question or a look-up", async () => {
  await build();
  const first = await confirm("mette@nordhavnn.dk");
  lookedUp = [];
  const again = await sendTo("mette@nordhavnn.dk");
  expect([again.status, again.headers["location"]]).toEqual([303, first.headers["location"]]);
  expect(lookedUp).toEqual([]);
  expect(await inquiries()).toHaveLength(1);
});

test("an inquiry that looks like advertising is quarantined without a question or a look-up", async () => {
  await build();
  for (const email of ["seller@gmial.com", "seller@nordhavnn.dk"])
    expect((await sendTo(email, { message: "[url=http://advert.example]x[/url]" })).status).toBe(
      303,
    );
  expect(lookedUp).toEqual([]);
  expect((await inquiries()).map(({ state }) => state)).toEqual(["quarantined", "quarantined"]);
});

test("a live check and a form with errors look nothing up", async () => {
  await build();
  const token = await stored(({ staff }) => staff.issueLiveCheckToken(site.clock.now));
  expect((await sendTo("mette@nordhavnn.dk", { live_check: token })).status).toBe(303);
  expect((await sendTo("mette@nordhavnn.dk", { name: "" })).status).toBe(422);
  expect(lookedUp).toEqual([]);
});

test("questions do not count towards the limit, and are asked before it applies", async () => {
  await build({ INQUIRIES_PER_10_MINUTES: "1" });
  for (let index = 0; index < 3; index += 1)
    expect((await sendTo("mette@gmial.com")).status).toBe(422);
  expect((await confirm("mette@gmial.com")).status).toBe(303);
  expect(
    question((await sendTo("mette@gmial.com", { message: "Another one" })).text),
  ).toBeDefined();
  const beyond = await confirm("mette@gmial.com", { message: "Another one" });
  expect(beyond.status).toBe(429);
  expect(asked(beyond.text)).toBe("mette@gmial.com");
});

test("a confirmed address stays confirmed while the store is down", async () => {
  await build();
  const storeless = await buildTestSite();
  await storeless.close();
  const response = await request(storeless.server)
    .post("/contact")
    .type("form")
    .send({ ...filledForm, email: "mette@gmial.com", asked_about: "mette@gmial.com" });
  expect([response.status, asked(response.text)]).toEqual([503, "mette@gmial.com"]);
});

test("copies of the last allowed inquiry that wait for the same look-up all get the receipt of the stored one", async () => {
  let waiting = 0;
  let release = () => {};
  const released = new Promise<undefined>((resolve) => (release = () => resolve(undefined)));
  site = await buildTestSite({
    env: { INQUIRIES_PER_10_MINUTES: "1" },
    dependencies: {
      findDomainFault: () => {
        if ((waiting += 1) === 10) release();
        return released;
      },
    },
  });
  const responses = await Promise.all(
    Array.from({ length: 10 }, () => sendTo("mette@nordhavn.dk")),
  );
  expect(
    new Set(responses.map(({ status, headers }) => `${status} ${headers["location"]}`)).size,
  ).toBe(1);
  expect(responses[0]?.status).toBe(303);
  expect(await inquiries()).toHaveLength(1);
});

test("the log has a line about the question without the address", async () => {
  await build();
  await sendTo("kanarie@gmial.com");
  expect(site.logged).toContainEqual(
    expect.objectContaining({
      msg: "the sender of an inquiry was asked to confirm the email address",
    }),
  );
  expect(JSON.stringify(site.logged)).not.toMatch(/kanarie|gmial/);
});

test("the privacy page says what is looked up and stored", async () => {
  await build();
  const { text } = await request(site.server).get("/privacy");
  expect(text).toContain(
    "looks up the domain of your email address (the part after the @) in the domain name system (DNS)",
  );
  expect(text).toContain("we store the reason for the question with your message");
});

test("in production a real DNS server is asked: the question, and the inquiry that is sent again", async () => {
  const peer = await startDnsPeer({
    "cleansystems.dk": { MX: ["mail.cleansystems.dk"] },
    "nordhavn.dk": { A: ["192.0.2.1"] },
  });
  const mailFrom = { name: "", address: productionEnv.MAIL_FROM };
  const options = { servers: [peer.server], deadlineMs: 10_000 };
  site = await buildTestSite({
    env: productionEnv,
    dependencies: {
      findDomainFault: createDomainLookup(
        { production: true, mailFrom },
        () => site.clock.now,
        options,
      ),
    },
  });
  expect((await sendTo("mette@nordhavn.dk")).status).toBe(303);
  expect(question((await sendTo("mette@nordhavnn.dk")).text)).toContain(
    "The domain nordhavnn.dk does not exist",
  );
  expect((await confirm("mette@nordhavnn.dk")).status).toBe(303);
  expect(peer.questions).toEqual([
    "MX nordhavn.dk",
    "A nordhavn.dk",
    "MX nordhavnn.dk",
    "MX cleansystems.dk",
  ]);
  await peer.close();
});

test("the digest says what was found about the address of an inquiry that came beyond the hourly total", async () => {
  await build({ INQUIRIES_PER_HOUR_TOTAL: "1" });
  await sendTo("mette@nordhavn.dk");
  expect((await confirm("mette@gmial.com", { message: "Beyond the total" })).status).toBe(303);
  site.clock.now = new Date("2026-11-25T08:00:00Z"); // Wednesday, 9:00 in Copenhagen
  await site.housekeep();
  const digest = site.mailbox.at(-1)?.text.replace(/\s+/g, " ");
  expect(digest).toContain(
    "Address: gmial.com may be a typo for gmail.com; the sender confirmed the address",
  );
});
