// The form over HTTP: what is accepted, every way to be refused, and the receipt.

import request from "supertest";
import { kinds } from "../../src/inquiries/form.ts";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { filledForm } from "../support/form.ts";
import { attributesOf, elementsNamed, textOf } from "../support/html.ts";
import { postForm } from "../support/site.ts";
import { countStates } from "../support/store.ts";

const about = (kind: string) => `about-${kind}`;
const site = await buildSiteOf({
  "queues.md": articleFile({}, '[One](/contact) [two](/contact?kind=team) `href="/contact"`\n'),
  "retries.md": articleFile({ title: "Retries" }),
  "hidden.md": articleFile({ title: "Not yet", draft: "true" }),
  ...Object.fromEntries(
    kinds.map(({ value }) => [`${about(value)}.md`, articleFile({ title: about(value) })]),
  ),
  "chosen.yaml": [
    "briefs:",
    "  retries: 'Your four numbers: attempts, capacity, queue and patience.'",
    "services:",
    ...kinds.map(({ value }) => `  ${value}: [${about(value)}, retries]`),
  ].join("\n"),
});

const { get, sendForm } = site;
const post = (headers: Record<string, string> = {}) =>
  request(site.server).post("/contact").set(headers);
const pending = async () => (await countStates(site.store)).pending;

test("an inquiry leads to a receipt without any data of the sender", async () => {
  const reference = await postForm(site, { message: "for the receipt" });
  const { status, headers, text } = await get(`/contact/received?ref=${reference}`);
  expect([status, headers["cache-control"]]).toEqual([200, "no-store"]);
  expect(text).toContain(reference);
  expect(text).toContain("17:00 Copenhagen time on Wednesday 25\u00a0November");
  expect(text).not.toMatch(/Priya|fjordfreight/i);
});

test("a form sent to another spelling of its address is sent again", async () => {
  const { status, headers } = await request(site.server).post("/Contact/?sent").send("name=A");
  expect([status, headers["location"]]).toEqual([308, "http://localhost:3000/contact?sent"]);
});

test("the contact page says what happens then, by when, and what is owed", async () => {
  const { text } = await get("/contact");
  const [, steps = ""] = /<h2>What happens then<\/h2>(.*?)<\/dl>/s.exec(text) ?? [];
  expect(textOf(steps)).toMatch(
    /^Now .* By Wed 17:00 You have questions and a first opinion, free/,
  );
  expect(textOf(steps)).toMatch(/Before an NDA Leave out names, and describe the symptom/);
  expect(textOf(steps)).toMatch(/in writing: .* what it costs\. .* Until then you owe nothing\.$/);
});

test("the form asks readers of an article for its numbers", async () => {
  const brief = "Your four numbers: attempts, capacity, queue and patience";
  for (const address of ["/articles/retries", "/contact?from=retries"])
    expect(textOf((await get(address)).text)).toContain(brief);
  expect(textOf((await get("/contact")).text)).not.toContain(brief);
});

test("form and receipt ask for what belongs to the kind of help", async () => {
  for (const { value: kind, brief, heading = "Tell us about your project" } of kinds) {
    const contact = textOf((await get(`/contact?kind=${kind}`)).text);
    expect(contact).toContain(heading);
    expect(contact).toContain(brief);
    const reference = await postForm(site, { kind, message: `about ${kind}` });
    expect(contact.includes("Send the first lines of a log or a dump")).toBe(kind === "failing");
    const { text } = await get(`/contact/received?ref=${reference}`);
    const mayBeDown = kind === "failing" || kind === "unsure";
    expect(contact.includes("Is it down right now?")).toBe(mayBeDown);
    expect(contact.includes("A dump is longer than the form may be")).toBe(mayBeDown);
    expect(textOf(text)).toContain(
      mayBeDown ? "your last ten incidents" : "the hours your team works",
    );
    const read = attributesOf(text, "href").filter((href) => /^\/articles\/[^#]+$/.test(href));
    expect(read).toEqual([`/articles/${about(kind)}`, "/articles/retries"]);
  }
});

test.each(["CS-0000-0000", "<script>"])("no message has the reference %s", async (ref) => {
  const { status, text } = await get("/contact/received").query({ ref });
  expect([status, text.includes("<script")]).toEqual([404, false]);
  expect(text).toContain("hello@cleansystems.example");
});

test("wrong answers come back with every word and their errors", async () => {
  const { status, text } = await sendForm({ email: "nobody", kind: "", message: "<b>&\"'</b>" });
  expect([status, /<title>Error: Your message hasn’t been sent/.test(text)]).toEqual([422, true]);
  for (const words of [
    "Two questions to check",
    'href="#page-email"',
    'value="Priya Raman"',
    "&lt;b&gt;&amp;&#34;&#39;&lt;/b&gt;</textarea>",
  ])
    expect(text).toContain(words);
  expect(text).toMatch(
    /id="page-email" .*aria-describedby="page-email-hint page-email-error" aria-invalid="true"/,
  );
});

test("no maxlength cuts a pasted message; a long one is told the limit", async () => {
  const { text } = await get("/contact");
  expect(/<textarea[^>]*>/.exec(text)?.[0]).not.toContain("maxlength");
  const limit = "The limit is 20,000 characters.";
  for (const [length, isHinted] of [
    [15_000, false],
    [15_001, true],
  ] as const) {
    const { text } = await post()
      .type("form")
      .send({ message: "x".repeat(length) });
    expect(text.includes(limit)).toBe(isHinted);
  }
});

test("a message that is too long comes back whole", async () => {
  const response = await sendForm({ message: "長".repeat(21_234) });
  expect(response.status).toBe(422);
  expect(response.text).toMatch(/<textarea[^>]*>\n長{21234}<\/textarea>/); // HTML drops the line break after the tag
  expect(response.text).toContain(
    "Your system or project must be 20,000 characters or fewer. You have written 21,234, which is 1,234 too many. Send the first lines of a log or a dump, and reply to our email with the files.",
  );
});

const type = { "Content-Type": "application/x-www-form-urlencoded" };
test.each([
  ["nothing at all", ""],
  ["no form", "hello"],
  ["keys of JavaScript's own", "__proto__=x&constructor=y&hasOwnProperty=z"],
  ["broken percent escapes", "name=%E0%A4%A&email=%"],
  ["fields sent as lists and objects", "name[]=a&email[x]=y&message=a&message=b"],
  [
    "every field twice",
    Object.keys(filledForm)
      .map((name) => `${name}=a&${name}=b`)
      .join("&"),
  ],
])("%s is a form with errors, never a failure", async (_name, body) => {
  expect((await post(type).send(body)).status).toBe(422);
});

const evil = "https://evil.example";
const sister = { "Sec-Fetch-Site": "same-site", Origin: "http://other.localhost" };
test.each<[string, number, Record<string, string>, string?]>([
  ["from another site", 403, { "Sec-Fetch-Site": "cross-site", Origin: evil }],
  ["from another site without its origin", 403, { "Sec-Fetch-Site": "cross-site" }],
  ["from another site by an old browser", 403, { Origin: evil }],
  ["from a sandboxed frame", 403, { Origin: "null" }],
  ["from a sister site", 403, sister],
  ["as JSON", 415, { "Content-Type": "application/json" }],
  ["as multipart", 415, { "Content-Type": "multipart/form-data; boundary=x" }],
  ["in UTF-16", 415, { "Content-Type": `${type["Content-Type"]}; charset=utf-16` }],
  ["compressed", 415, { "Content-Encoding": "gzip" }],
  ["far too long", 413, {}, `message=${"x".repeat(300_000)}`],
  ["with hundreds of fields", 422, {}, "f=1&".repeat(400)],
])("a post %s is refused with %d and a way out", async (_name, status, headers, body = "a=b") => {
  const before = await pending();
  const response = await post({ ...type, ...headers }).send(body);
  expect(response.status).toBe(status);
  expect(response.text).toContain("hello@cleansystems.example");
  expect(response.text).not.toMatch(/node_modules|Error:|at \w+ \(/);
  expect(await pending()).toBe(before);
});

test("a post with forty fields isn’t called a long message", async () => {
  const { text } = await post(type).send("f=1&".repeat(40));
  expect(textOf(text)).toContain("it has more fields than the form on this site");
  expect(text).not.toMatch(/too long|Shorten/);
});

const lan = { Origin: "http://192.168.1.5:3000", Host: "192.168.1.5:3000" };
test.each([
  ["a browser on this site", { "Sec-Fetch-Site": "same-origin", Origin: "http://localhost:3000" }],
  ["an old browser", { Origin: "http://localhost:3000" }],
  ["a browser that opened the site by its LAN address", lan],
  ["a visitor who loads the response again", { "Sec-Fetch-Site": "none" }],
  ["a client that says nothing", {}],
])("%s may send the form", async (name, headers) => {
  expect((await sendForm({ message: name }).set(headers)).status).toBe(303);
});

test("the log says whether a post named its origin", async () => {
  const logged = async (headers: Record<string, string>) => {
    await sendForm({ message: `named by ${Object.keys(headers).join()}` }).set(headers);
    return site.logged.findLast(({ msg }) => msg === "an inquiry was stored")?.["namesOrigin"];
  };
  expect(await logged({})).toBe(false);
  expect(await logged({ "Sec-Fetch-Site": "same-origin" })).toBe(true);
  expect(await logged({ Origin: "http://localhost:3000" })).toBe(true);
});

const broken = await buildSiteOf({});
await broken.close();

test("if the store fails, every word comes back with a prefilled mail", async () => {
  const { status, headers, text } = await broken.sendForm();
  expect([status, headers["retry-after"]]).toEqual([503, "60"]);
  expect(text).toContain("Nothing has been sent.");
  expect(text).toContain("takes until breakfast");
  expect(text).toContain(
    'href="mailto:hello@cleansystems.example?subject=Our%20project&amp;body=Name%3A%20Priya%20Raman%0D%0AEmail',
  );
});

test.each(["a", "ж", "🚢", "\n\n语", "\\"])(
  "a long message of %j comes back whole, its link within 2,000 characters",
  async (sign) => {
    const message = `Start${sign.repeat(20_000)}`.slice(0, 20_000).toWellFormed();
    const { text } = await broken.sendForm({ message });
    expect(text).toContain(`>\n${message}</textarea>`);
    const [, link = ""] = /href="(mailto:[^"]*;body=[^"]*)"/.exec(text) ?? [];
    const href = link.replaceAll("&amp;", "&");
    expect(href.length).toBeGreaterThan(1_900);
    expect(href.length).toBeLessThanOrEqual(2_000);
    expect(decodeURIComponent(href)).toMatch(/…\r\n\r\n\(The rest is in the form\.\)$/);
  },
);

test("the mail says from which article the form was sent", async () => {
  const linksOn = async (path: string) =>
    attributesOf((await get(path)).text, "href").filter((href) => /^\/contact(\?|$)/.test(href));
  const withSource = "/contact?from=queues";
  const links = [withSource, withSource, "/contact?kind=team&from=queues"];
  expect(await linksOn("/articles/queues")).toEqual(links);
  expect([...new Set(await linksOn("/articles"))]).toEqual(["/contact"]);

  const sourceOn = async (path: string) =>
    elementsNamed((await get(path)).text, "input").find(({ name }) => name === "from")?.["value"];
  expect(await sourceOn(withSource)).toBe("queues");
  for (const unknown of ["hidden", "missing", "%22%3E%3Cb%3E", ""])
    expect([unknown, await sourceOn(`/contact?from=${unknown}`)]).toEqual([unknown, undefined]);
  const { headers, text } = await get(withSource);
  expect(headers["cache-control"]).toBe("private, no-cache");
  expect(text).toContain(`<link rel="canonical" href="${site.config.siteUrl}/contact">`);

  const reference = await postForm(site, { from: "queues", message: "from an article" });
  await site.worker.deliverDue();
  const mail = site.mailbox.find((one) => one.reference === reference);
  expect(mail?.text).toMatch(/^Sent from +queues\n.*\/articles\/queues$/m);
});
