// The staff page and the receipt over HTTP: from the mail to every value of progress and back, with
// a fixed clock.

import request from "supertest";
import { buildSiteOf } from "../support/articles.ts";
import { mainTextOf } from "../support/html.ts";
import { postForm, productionEnv, tuesday } from "../support/site.ts";
import { pagesOf, press, seenOn, send, sendInquiry } from "../support/staff.ts";

const site = await buildSiteOf({}, { env: { CONTACT_PHONE: "+45 12 34 56 78" } });
const { get, store } = site;
afterEach(() => {
  site.clock.now = tuesday;
});
const { at, buttonsOf, pageText, receiptText, stored } = pagesOf(site);
const untouched = { handling: { progress: "open", changedAt: undefined } };

test("an inquiry is mailed, taken, answered, opened again, and closed", async () => {
  at("24T14:33");
  const { reference, page } = await sendInquiry(site, { message: "the whole way" });
  expect(await pageText(page)).toMatch(
    /Received Tue 24 Nov 2026, 14:33 Copenhagen.*\. We promised an answer by Wed 25 Nov 2026, 17:00 .*Nobody has taken it yet\./,
  );
  expect(await buttonsOf(page)).toEqual(["taken", "answered", "closed"]);
  expect(await receiptText(reference)).toMatch(
    /Sent to our mailbox: 24 Nov 14:33.*Read: not yet.*Reply: by Wed 17:00/,
  );

  at("24T15:10");
  const { status, headers } = await press(site, page, "taken");
  expect([status, headers["location"], headers["cache-control"]]).toEqual([303, page, "no-store"]);
  expect(await pageText(page)).toContain("Taken on Tue 24 Nov 2026, 15:10 Copenhagen");
  expect(await buttonsOf(page)).toEqual(["answered", "closed", "open"]);
  expect(await receiptText(reference)).toMatch(/Read: 24 Nov 15:10.*Reply: by Wed 17:00/);

  at("25T09:05");
  await press(site, page, "answered");
  expect(await pageText(page)).toMatch(/Answered on Wed 25 Nov 2026, 09:05 /);
  expect(await buttonsOf(page)).toEqual(["open"]); // no other value may hide that it was answered
  expect(await receiptText(reference)).toMatch(
    /replied.*spam folder.*\+45 12 34 56 78.*Saved: 24 Nov 14:33.*Sent to our mailbox: 24 Nov 14:33\s+Reply: 25 Nov 09:05/,
  );

  await press(site, page, "open");
  expect(await pageText(page)).toContain("Nobody has taken it yet.");
  await press(site, page, "closed");
  expect(await pageText(page)).toContain("Closed without an answer on Wed 25 Nov 2026, 09:05");
  expect(await buttonsOf(page)).toEqual(["open"]);
  const closed = await receiptText(reference);
  expect(closed).toMatch(/write to hello@.*Read: 25 Nov 09:05/);
  expect(closed).not.toMatch(/answered|replied|Reply:/);
});

describe("initials", () => {
  test("are those of whoever pressed the button", async () => {
    const { reference, page } = await sendInquiry(site, { message: "with initials" });
    at("25T09:12");
    expect((await press(site, page, "taken", " MK ")).status).toBe(303);
    expect(await pageText(page)).toContain("Taken by MK on Wed 25 Nov 2026, 09:12 Copenhagen");
    const late = await press(site, page, "taken", "JP");
    expect(late.status).toBe(409);
    expect(mainTextOf(late.text)).toContain("Taken by MK on Wed 25 Nov 2026, 09:12");
    await press(site, page, "answered", "JH");
    expect(await pageText(page)).toContain("Answered (JH) on");
    await press(site, page, "open", "AK");
    expect(await pageText(page)).toContain("Open again (AK) on");
    expect(await pageText(page)).toContain("Nobody has taken it yet.");
    await press(site, page, "taken", "AK");
    await press(site, page, "answered");
    expect(await pageText(page)).toContain("Answered on Wed 25 Nov 2026, 09:12");
    await press(site, page, "open");
    expect(await stored(reference)).toMatchObject({ handling: { progress: "open", takenBy: "" } });
    await press(site, page, "answered", "Åse");
    expect(await pageText(page)).toContain("Answered (Åse) on");
    await press(site, page, "open");
    for (const initials of ["Åse", "J.H.", "A-M", "ОШ"]) {
      await press(site, page, "taken", initials);
      expect(await pageText(page)).toContain(`Taken by ${initials} on`);
      await press(site, page, "open");
    }
    expect((await receiptText(reference)) + JSON.stringify(site.logged)).not.toMatch(/\bMK\b|Åse/);
  });

  test.each(["M K", "mk@x", "<b>", "12", "abcdefghijklm", "M\u202eK", "...", "-"])(
    "may not be %s",
    async (initials) => {
      const { reference, page } = await sendInquiry(site, { message: initials });
      const { status, text } = await press(site, page, "taken", initials);
      expect(status).toBe(422);
      expect(mainTextOf(text)).toContain("Nothing was changed");
      expect(await stored(reference)).toMatchObject(untouched);
    },
  );

  test("are asked for on every page that has a button", async () => {
    const { page } = await sendInquiry(site, { message: "asked for initials" });
    const isAsked = async () => (await get(page)).text.includes('name="initials"');
    expect(await isAsked()).toBe(true);
    for (const progress of ["taken", "answered", "open", "closed"]) {
      await press(site, page, progress);
      expect([progress, await isAsked()]).toEqual([progress, true]);
    }
  });
});

describe("other inquiries of a client", () => {
  const sendAs = async (email: string, message: string) =>
    sendInquiry(site, { name: `Secret ${message}`, company: "Nordkraft", email, message });

  test("are named as they are when the page is read", async () => {
    at("24T14:33");
    const mette = await sendAs("mette@nordkraft.example", "first");
    expect(await pageText(mette.page)).not.toContain("Others of this client");
    const again = await sendAs("Mette+site@nordkraft.example", "second");
    at("24T15:00");
    const jonas = await sendAs("jonas@nordkraft.example", "third");
    const other = await sendAs("jonas@kraft.example", "fourth");
    await press(site, again.page, "taken", "AK");
    at("25T10:00");
    await press(site, jonas.page, "answered", "JH");
    const text = await pageText(mette.page);
    expect(text).toMatch(
      new RegExp(
        `Others of this client .*${jonas.reference}, from the same company, Tuesday 24 November: answered \\(JH\\) ${again.reference}, from the same mailbox, Tuesday 24 November: taken by AK`,
      ),
    );
    expect(text).not.toContain(other.reference);
    // Clients may have the link: nothing they wrote, and no way to another page for staff.
    expect(text).not.toMatch(/Secret|Nordkraft|mette|jonas/i);
    expect((await get(mette.page)).text.match(/\/staff\//g)).toBeNull();
    expect(await pageText(jonas.page)).toContain(`${mette.reference}, from the same company`);
  });

  test("are those of a mailbox only, if the domain is a mail provider's", async () => {
    const one = await sendAs("one@gmail.com", "one of many");
    const two = await sendAs("two@gmail.com", "two of many");
    const again = await sendAs("o.ne@googlemail.com", "one again");
    const text = await pageText(one.page);
    expect(text).not.toContain(two.reference);
    expect(text).toContain(`${again.reference}, from the same mailbox`);
  });

  test("say what is in quarantine, and how many there are beyond twenty", async () => {
    const first = await sendAs("a@flood.example", "the client");
    for (let n = 0; n < 21; n += 1)
      await postForm(site, {
        email: `b${n}@flood.example`,
        message: `[url=x]${n} of a flood[/url]`,
      });
    const text = await pageText(first.page);
    expect(text.match(/CS-\S+, from the same company, [^:]*: in quarantine/g)).toHaveLength(20);
    expect(text).toContain("And one more.");
  });
});

test("a page that is older than the last change undoes nothing", async () => {
  const { reference, page } = await sendInquiry(site, { message: "two of us" });
  const seen = seenOn((await get(page)).text);
  await press(site, page, "answered");
  const late = await send(site, page, { action: "taken", seen });
  expect(late.status).toBe(409);
  expect(mainTextOf(late.text)).toMatch(/Your click changed nothing.*Answered on Tue 24 Nov/);
  for (const action of ["taken", "closed"])
    expect((await send(site, page, { action, seen: seenOn(late.text) })).status).toBe(409);
  expect((await stored(reference))?.handling.progress).toBe("answered");
  expect((await send(site, page, { action: "open", seen: seenOn(late.text) })).status).toBe(303);
});

test("an overdue inquiry's receipt promises no past time", async () => {
  const { reference, page } = await sendInquiry(site, { message: "overdue" });
  at("25T17:01");
  const overdue = "Overdue: not answered by Wed 25 Nov 2026, 17:00 ";
  expect(await pageText(page)).toContain(overdue);
  const receipt = await receiptText(reference);
  for (const words of [
    /We promised a reply by 17:00 Copenhagen time on Wednesday 25\s+November.*sorry/,
    /spam folder.*\+45 12 34 56 78/,
    /Read: not yet.*Reply: not recorded/,
  ])
    expect(receipt).toMatch(words);
  expect(receipt).not.toMatch(/will (read|reply)|by Wed/);
  await press(site, page, "taken");
  expect(await pageText(page)).toContain(overdue);
  await press(site, page, "answered");
  expect(await pageText(page)).not.toContain("Overdue");
});

test("where no reply time is promised, neither page mentions one", async () => {
  const unpromising = await buildSiteOf({}, { env: productionEnv });
  const { reference, page } = await sendInquiry(unpromising);
  const { pageText: shown, receiptText } = pagesOf(unpromising);
  expect(await shown(page)).toMatch(/^[^.]*Received [^.]*\. Nobody has taken it yet\./);
  expect(await receiptText(reference)).toMatch(/Reply: to follow.*spam folder/);
  unpromising.clock.now = new Date("2026-11-26T17:01:00+01:00");
  expect(await shown(page)).toMatch(/Overdue: not answered by Thu 26 Nov /);
  const late = await receiptText(reference);
  expect(late).toMatch(/spam folder.*Reply: not recorded/);
  expect((await shown(page)) + late).not.toMatch(/promised/);
});

test("a changed reply time doesn't change an earlier promise", async () => {
  const { reference, page } = await sendInquiry(site);
  const env = { DATA_DIR: site.config.dataDir, REPLY_WITHIN_WORKING_DAYS: "3" };
  const changed = await buildSiteOf({}, { env });
  const later = pagesOf(changed);
  expect(await later.receiptText(reference)).toMatch(
    /reply by 17:00 Copenhagen time on Wednesday 25 November/,
  );
  expect(await later.pageText(page)).toContain("We promised an answer by Wed 25 Nov 2026, 17:00");
});

test("GET, HEAD and prefetches of mail scanners change nothing", async () => {
  const { reference, page } = await sendInquiry(site, { message: "scanned" });
  for (const headers of [
    {},
    { "Sec-Purpose": "prefetch" },
    { Origin: "https://scanner.example" },
  ]) {
    expect(await get(`${page}?action=answered&seen=0`).set(headers)).toMatchObject({
      status: 200,
      headers: { "cache-control": "no-store", "referrer-policy": "same-origin" },
    });
    expect((await request(site.server).head(page).set(headers)).status).toBe(200);
  }
  expect(await stored(reference)).toMatchObject(untouched);
});

const crossSite = { "Sec-Fetch-Site": "cross-site", Origin: "https://evil.example" };
test.each<[string, number, Record<string, string>, string]>([
  ["from another site", 403, crossSite, "action=answered&seen=0"],
  ["from a sandboxed frame", 403, { Origin: "null" }, "action=answered&seen=0"],
  ["without an action", 422, {}, ""],
  ["with an unknown action", 422, {}, "action=deleted&seen=0"],
  ["with a name of Object's", 422, {}, "action=constructor&seen=0"],
  ["with a list", 422, {}, "action[]=answered&seen=0"],
  ["that does not say what was seen", 422, {}, "action=answered"],
  ["of bytes that are no text", 422, {}, "action=%FF%FE%00&seen=0"],
  ["as JSON", 415, { "Content-Type": "application/json" }, '{"action":"answered","seen":"0"}'],
  ["of 2 KB", 413, {}, `action=answered&seen=0&x=${"x".repeat(2_048)}`],
])("a post %s is a %d that changes nothing", async (name, status, headers, body) => {
  const { reference, page } = await sendInquiry(site, { message: name });
  const response = await request(site.server)
    .post(page)
    .set({ "Content-Type": "application/x-www-form-urlencoded", ...headers })
    .send(body);
  expect(response.status).toBe(status);
  expect(response.headers).toMatchObject({
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
  });
  expect(mainTextOf(response.text)).toContain("so nothing was saved.");
  expect(await stored(reference)).toMatchObject(untouched);
});

test("a button that names no time of what was seen changes nothing", async () => {
  const { reference, page } = await sendInquiry(site, { message: "no time" });
  for (const seen of ["", "0x0", "-0"])
    expect((await send(site, page, { action: "answered", seen })).status).toBe(409);
  expect(await stored(reference)).toMatchObject(untouched);
});

test("a wrong token and a deleted inquiry give the same page", async () => {
  const { reference, page } = await sendInquiry(site, { message: "to be erased" });
  const token = page.slice(-32);
  const erased = await stored(reference);
  await store.erase(erased ? [erased] : [], tuesday);
  const upperCase = token.toUpperCase().replace(/^./, "A");
  for (const wrong of [token, token.slice(1), `${token}0`, upperCase, `${token}%00`, "..%2F"])
    for (const response of [
      await get(`/staff/${wrong}`),
      await send(site, `/staff/${wrong}`, { action: "answered", seen: "0" }),
    ]) {
      const { status, headers, text } = response;
      expect([wrong, status, headers["cache-control"]]).toEqual([wrong, 404, "no-store"]);
      expect(text).toContain("deleted on schedule");
      expect(text).not.toContain(wrong);
    }
  expect((await get("/staff/%zz")).status).toBe(400);
});

test("progress does not affect the delivery of a pending inquiry", async () => {
  const reference = await postForm(site, { message: "answered before it is mailed" });
  const page = `/staff/${(await stored(reference))?.token}`;
  expect(await pageText(page)).toContain("The email to us hasn’t been sent yet.");
  for (const progress of ["taken", "closed", "open", "answered"])
    expect((await press(site, page, progress)).status).toBe(303);
  expect(await receiptText(reference)).toMatch(/Sent to our mailbox: not yet.*Reply: 24 Nov 14:33/);
  await site.worker.deliverDue();
  expect(mailsOf(reference)).toHaveLength(1);
  const after = { delivery: { state: "sent" }, handling: { progress: "answered" } };
  expect(await stored(reference)).toMatchObject(after);
});

test("neither page nor log has an answer of the form, nor the token", async () => {
  const email = "canary@kanarie.example";
  const canary = { name: "Kanariefugl", email, company: "Kanarie ApS", message: "canary" };
  const { page } = await sendInquiry(site, canary);
  const { text } = await get(page);
  await press(site, page, "taken");
  await press(site, page, "canary");
  await request(site.server).put(page);
  await get(`${page}/`);
  const token = page.slice(-32);
  expect(text + JSON.stringify(site.logged)).not.toMatch(
    new RegExp(`kanarie|canary|${token}`, "i"),
  );
});

const mailsOf = (reference: string) => site.mailbox.filter((mail) => mail.reference === reference);

/** Sends advertising. Returns its reference, and the path of its staff page. */
async function quarantine(word: string) {
  const email = "eve@advert.example";
  const link = "https://spam.example";
  const form = { email, leave_empty: link, message: `SEO ${word} ${link}` };
  const reference = await postForm(site, form);
  const inquiry = await stored(reference);
  expect(inquiry?.delivery.state).toBe("quarantined");
  return { reference, page: `/staff/${inquiry?.token}` };
}

test("a quarantined inquiry has a receipt like any other", async () => {
  const { reference, page } = await quarantine("spam");
  const normal = await postForm(site, { message: "not quarantined" });
  const without = (text: string, words: string) => text.replaceAll(words, "REF");
  expect(without(await receiptText(reference), reference)).toBe(
    without(await receiptText(normal), normal),
  );
  for (const progress of ["taken", "answered"])
    expect((await press(site, page, progress)).status).toBe(409);
  await site.worker.deliverDue();
  expect(mailsOf(reference)).toEqual([]);
});

test("the page of a quarantined inquiry says why it is there", async () => {
  const { page } = await quarantine("offer");
  expect(await pageText(page)).toContain(
    "The reason: the hidden field was filled in, and there is a link.",
  );
  expect(await pageText(page)).not.toMatch(/SEO|\.example|Nobody has taken it|not been sent yet/);
  expect(await buttonsOf(page)).toEqual(["approve", "closed"]);
});

test("advertising is closed with one press, and can be reopened", async () => {
  const { reference, page } = await quarantine("again");
  expect((await press(site, page, "closed")).status).toBe(303);
  expect(await pageText(page)).toContain("Closed without an answer on Tue 24 Nov 2026, 14:33");
  expect(await buttonsOf(page)).toEqual(["approve", "open"]);
  expect((await press(site, page, "open")).status).toBe(303);
  expect((await press(site, page, "closed")).status).toBe(303);
  expect((await press(site, page, "approve")).status).toBe(303);
  expect(await stored(reference)).toMatchObject({ handling: { progress: "open" } });
});

test("approving an inquiry on its page sends its email, once", async () => {
  const { reference, page } = await quarantine("client");
  at("25T08:10");
  await site.worker.runJobs(); // the digest lists it
  at("26T08:10");
  const { text } = await get(page);
  const approved = await press(site, page, "approve");
  expect([approved.status, approved.headers["location"]]).toEqual([303, page]);
  expect(await pageText(page)).toContain("The email to us hasn’t been sent yet.");
  expect(await pageText(page)).toMatch(/Overdue: not answered by Wed 25 Nov 2026, 17:00/);
  expect(await pageText(page)).not.toMatch(/In quarantine/);
  expect(await buttonsOf(page)).toEqual(["taken", "answered", "closed"]);
  at("26T08:12");
  for (const action of ["approve", "closed"]) {
    const late = await send(site, page, { action, seen: seenOn(text) });
    expect([late.status, mainTextOf(late.text)]).toEqual([
      409,
      expect.stringContaining("Your click changed nothing"),
    ]);
  }
  await site.worker.deliverDue();
  expect(mailsOf(reference).map(({ text: mail }) => mail.match(/^Answer by .*$/gm))).toEqual([
    [expect.stringMatching(/Wed 25 Nov 2026, 17:00 Copenhagen/)],
  ]);
});
