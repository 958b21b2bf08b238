// The staff page of a quarantined inquiry.

import { mainTextOf } from "../support/html.ts";
import { postForm } from "../support/post.ts";
import { buildTestSite, filledForm, tuesday } from "../support/site.ts";
import { pagesOf, press, seenOn, send } from "../support/staff.ts";

const site = await buildTestSite({ env: { INQUIRIES_PER_10_MINUTES: "0" } });
afterAll(() => site.close());
afterEach(() => {
  site.clock.now = tuesday;
});
const { at, buttonsOf, pageText, receiptText, stored } = pagesOf(site);

const spam = {
  ...filledForm,
  email: "eve@advert.example",
  leave_empty: "https://spam.example",
  message: "SEO https://a.example",
};

/** Sends advertising. Returns its reference, and the path of its staff page. */
async function quarantine(changes = {}) {
  const reference = await postForm(site, { ...spam, ...changes });
  const inquiry = await stored(reference);
  expect(inquiry?.delivery.state).toBe("quarantined");
  return { reference, page: `/staff/${inquiry?.token}` };
}

test("a quarantined inquiry has a receipt like any other", async () => {
  const { reference, page } = await quarantine();
  const normal = await postForm(site, { message: "not quarantined" });
  const without = (text: string, words: string) => text.replaceAll(words, "REF");
  expect(without(await receiptText(reference), reference)).toBe(
    without(await receiptText(normal), normal),
  );
  for (const progress of ["taken", "answered"])
    expect((await press(site, page, progress)).status).toBe(409);
  await site.worker.deliverDue();
  expect(site.mailbox.filter((mail) => mail.reference === reference)).toEqual([]);
  expect((await stored(reference))?.delivery.state).toBe("quarantined");
});

test("the page of a quarantined inquiry says why it is there", async () => {
  const { page } = await quarantine({ message: `${spam.message} offer` });
  expect(await pageText(page)).toContain(
    "In quarantine, so it wasn’t sent to us as an email of its own. The reason: the hidden field was filled in, and there is a link.",
  );
  expect(await pageText(page)).not.toMatch(/SEO|\.example|Nobody has taken it|not been sent yet/);
  expect(await buttonsOf(page)).toEqual(["letThrough", "closed"]);
});

test("advertising is closed with one press, and can be reopened", async () => {
  const { reference, page } = await quarantine({ message: `${spam.message} again` });
  expect((await press(site, page, "closed")).status).toBe(303);
  expect(await pageText(page)).toContain("Closed without an answer on Tue 24 Nov 2026, 14:33");
  expect(await buttonsOf(page)).toEqual(["letThrough", "open"]);
  expect((await press(site, page, "open")).status).toBe(303);
  expect((await press(site, page, "closed")).status).toBe(303);
  expect((await press(site, page, "letThrough")).status).toBe(303);
  expect(await stored(reference)).toMatchObject({
    delivery: { state: "pending" },
    handling: { progress: "open" },
  });
});

test("releasing an inquiry on its page sends it as a normal email, once", async () => {
  const { reference, page } = await quarantine({ message: `${spam.message} client` });
  at("25T08:10");
  await site.worker.runJobs(); // the digest lists it
  at("26T08:10");
  const { text } = await site.get(page);
  const released = await press(site, page, "letThrough");
  expect([released.status, released.headers["location"]]).toEqual([303, page]);
  expect(await pageText(page)).toContain("The email to us hasn’t been sent yet.");
  expect(await pageText(page)).toMatch(/Overdue: not answered by Wed 25 Nov 2026, 17:00/);
  expect(await pageText(page)).not.toMatch(/quarantine/i);
  expect(await buttonsOf(page)).toEqual(["taken", "answered", "closed"]);
  at("26T08:12");
  for (const action of ["letThrough", "closed"]) {
    const late = await send(site, page, { action, seen: seenOn(text) });
    expect([late.status, mainTextOf(late.text)]).toEqual([
      409,
      expect.stringContaining("Your click changed nothing"),
    ]);
  }
  await site.worker.deliverDue();
  const mails = site.mailbox.filter((mail) => mail.reference === reference);
  expect(mails.map(({ text: mail }) => mail.match(/^Answer by .*$/gm))).toEqual([
    [expect.stringMatching(/Wed 25 Nov 2026, 17:00 Copenhagen/)],
  ]);
  expect(await stored(reference)).toMatchObject({
    delivery: { state: "sent" },
    handling: { progress: "open" },
  });
});
