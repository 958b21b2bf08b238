// The harness of tests about time and mail: a site that runs at one time after the other, the
// responses of its mail server, and the mails that it sends.

import type { Mail } from "../../src/inquiries/mail/mail.ts";
import type { SendResult } from "../../src/inquiries/mail/smtp.ts";
import type { Progress } from "../../src/inquiries/handling.ts";
import type { Store } from "../../src/inquiries/store/interface.ts";
import { articleFile, articlesFolder } from "./articles.ts";
import { buildTestSite, type TestSite } from "./site.ts";
import { click } from "./store.ts";

export const sent: SendResult = { sent: true, refusedRecipients: [] };
export const refused: SendResult = { sent: false, failure: "temporary", reason: "ECONNECTION" };

export let site: TestSite;
export let store: Store;
/** Every mail that the site tried to send, and the digests that the mail server accepted. */
export let tried: Mail[];
export let digests: Mail[];
/** What the mail server answers to each mail. A test may replace it. */
export const mailServer: { answer: (mail: Mail) => SendResult | Promise<SendResult> } = {
  answer: () => sent,
};

// There are two articles, because each start reads all.
const articles = await articlesFolder({
  "builder-pattern-in-java.md": articleFile({ title: "The Builder Pattern in Java" }),
  "retries-multiply.md": articleFile({ title: "Retries" }),
});

/** Builds a site with these settings. Its mails reach the same mail server. */
export function build(settings: Record<string, string>): ReturnType<typeof buildTestSite> {
  const sendMail = async (mail: Mail) => {
    tried.push(mail);
    const result = await mailServer.answer(mail);
    if (result.sent && mail.reference.startsWith("digest-")) digests.push(mail);
    return result;
  };
  const env = {
    ARTICLES_DIR: articles.dir,
    SITE_URL: "http://localhost:3000",
    ...settings,
  };
  return buildTestSite({ env, dependencies: { sendMail } });
}

/** Builds the site again with these settings, and a mail server that accepts every mail. */
export async function use(settings: Record<string, string> = {}): Promise<void> {
  [tried, digests] = [[], []];
  mailServer.answer = () => sent;
  await site?.close();
  site = await build(settings);
  ({ store } = site);
}

/** Builds the site with these settings before each test. */
export const eachOnANewSite = (settings: Record<string, string> = {}): void =>
  beforeEach(() => use(settings));

/** Runs one pass of a site at this time. Returns the digest that it sent, if it sent one. */
export async function passAt(
  time: string | number | Date,
  by: typeof site = site,
): Promise<Mail | undefined> {
  const before = digests.length;
  by.clock.now = new Date(time);
  await by.worker.pass();
  return digests[before];
}

export const row = async (reference: string) => {
  const inquiry = await store.find({ reference });
  if (!inquiry) throw new Error(`${reference} is not stored`);
  return inquiry;
};
export const set = (reference: string, progress: Progress) =>
  click(store, reference, progress, { now: site.clock.now });
/** Returns one section of a digest, from its heading to the next one. */
export const section = (mail: Mail | undefined, heading: string) =>
  mail?.text.split(/^(?=[A-Z][A-Z ]+(?:: \d+)?$)/m).find((part) => part.startsWith(heading)) ?? "";

/** Returns a mail as it would be if references and links were the same in every run. */
export function withoutChance(text: string): string {
  const references = [...new Set(text.match(/CS-[\w]{4}-[\w]{4}/g))];
  return references
    .reduce((one, reference, index) => one.replaceAll(reference, `CS-0000-000${index}`), text)
    .replace(/[\da-f]{32}/g, "0123456789abcdef");
}
