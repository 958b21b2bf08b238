// What a sender sees of their own text: for an hour, with the key that the redirect had, and nobody
// else ever.

import { buildSiteOf } from "../support/articles.ts";
import type { FormChanges } from "../support/form.ts";
import { advertisement } from "../support/form.ts";
import { metaOf } from "../support/html.ts";
import { tuesday } from "../support/site.ts";

const site = await buildSiteOf({});
beforeEach(() => void (site.clock.now = tuesday));

/** Sends the form, and returns where the browser is redirected to. */
async function redirectOf(changes: FormChanges): Promise<URL> {
  const { headers } = await site.sendForm(changes);
  return new URL(headers["location"] ?? "", "http://localhost");
}
const open = ({ pathname, search }: URL) => site.get(pathname + search);
const keyOf = (receipt: URL) => receipt.searchParams.get("key") ?? "";
const withKey = (receipt: URL, key: string | undefined) => {
  const other = new URL(receipt);
  if (key === undefined) other.searchParams.delete("key");
  else other.searchParams.set("key", key);
  return other;
};

test("whoever has just sent the form sees what they sent", async () => {
  const receipt = await redirectOf({ message: "  at Start()\n<b>our</b> import", start: "month" });
  expect(keyOf(receipt)).toMatch(/^[\da-f]{32}$/);
  const { status, text, headers } = await open(receipt);
  expect(status).toBe(200);
  for (const words of [
    "What you sent",
    "shown only at the address that your browser has now, until 15:33 Copenhagen time.",
    "Priya Raman",
    "priya.raman@fjordfreight.example",
    "Within a month",
    "at Start()\n&lt;b&gt;our&lt;/b&gt; import",
  ])
    expect(text).toContain(words);
  expect(headers).toMatchObject({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
  expect(metaOf(text, "robots")).toBe("noindex");
});

test("whoever has only the reference, or another key, sees nothing of it", async () => {
  const receipt = await redirectOf({ message: "a secret of one" });
  const other = await redirectOf({ message: "a secret of another" });
  const token = (await site.store.find({ reference: receipt.searchParams.get("ref") ?? "" }))
    ?.token;
  for (const key of [undefined, "", "0".repeat(32), keyOf(other), keyOf(receipt).slice(1), token]) {
    const { status, text } = await open(withKey(receipt, key));
    expect([key, status, /secret|Priya|What you sent/.test(text)]).toEqual([key, 200, false]);
  }
  expect((await open(receipt)).text).toContain("a secret of one");
});

test("an hour later nobody sees it, also not by sending it again", async () => {
  const message = "seen for an hour";
  const receipt = await redirectOf({ message });
  site.clock.now = new Date(tuesday.getTime() + 3_599_999);
  expect((await open(receipt)).text).toContain(message);
  site.clock.now = new Date(tuesday.getTime() + 3_600_000);
  for (const address of [receipt, await redirectOf({ message })])
    expect((await open(address)).text).not.toContain(message);
});

test("what is quarantined is shown like anything else", async () => {
  const { text } = await open(await redirectOf(advertisement));
  expect(text).toContain("Buy [url=http://advert.example]links[/url]");
});

test("the key is in no mail, in no link of the page and not in the log", async () => {
  const receipt = await redirectOf({ message: "kept apart", confirmation: "yes" });
  const key = keyOf(receipt);
  const { text } = await open(receipt);
  await site.worker.deliverDue();
  await site.worker.runJobs();
  expect(site.mailbox.length).toBeGreaterThan(1);
  for (const place of [text, JSON.stringify(site.mailbox), JSON.stringify(site.logged)])
    expect(place).not.toContain(key);
});
