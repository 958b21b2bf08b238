// An attack on the form by the clock: for forty hours from a Friday evening on, a few addresses send
// as many ordinary texts as they may, and every ten minutes a client writes from an address of their
// own. Staff do nothing. A client whose reply was promised by a time has to be in a mail before it.

import { parseConfig } from "../src/config.ts";
import { createDigest } from "../src/inquiries/jobs/digest.ts";
import { createWorker } from "../src/inquiries/jobs/worker.ts";
import type { Mail } from "../src/inquiries/mail/mail.ts";
import { readForm } from "../src/inquiries/form.ts";
import { createSubmit } from "../src/inquiries/submit.ts";
import { createLog } from "../src/log.ts";
import { filledForm } from "./support/form.ts";
import { temporaryFolder } from "./support/site.ts";
import { openStore } from "./support/store.ts";

const minuteMs = 60_000;
const friday = Date.parse("2026-11-27T17:00:00Z"); // 18:00 in Copenhagen
const attackMs = 40 * 60 * minuteMs;
/** All clients of these forty hours were promised a reply by Monday, when the office closes. */
const monday = Date.parse("2026-11-30T16:00:00Z");

type Client = { hour: number; outcome: "mailed" | "quarantined" | "refused"; reference: string };

async function attack(addresses: number) {
  await using folder = await temporaryFolder();
  const store = await openStore(folder.dir);
  const settings = parseConfig({ NODE_ENV: "test", DATA_DIR: folder.dir });
  const log = createLog("error", "json", () => {});
  let time = friday;
  const clock = () => new Date(time);
  /** When a mail first named a reference. */
  const namedAt = new Map<string, number>();
  const sendMail = ({ text }: Mail) => {
    for (const [reference] of text.matchAll(/CS-\w{4}-\w{4}/g))
      namedAt.set(reference, namedAt.get(reference) ?? time);
    return Promise.resolve({ sent: true as const, refusedRecipients: [] });
  };
  const jobs = [createDigest({ store, sendMail, mail: settings, log })];
  const worker = createWorker({ store, sendMail, mail: settings, jobs, clock, log });
  const lookUpDomain = () => Promise.resolve(undefined);
  const submit = createSubmit({ store, settings, lookUpDomain, nudge: () => {}, clock });
  let count = 0;
  const send = (name: string, ip: string) => {
    const email = `${name.replace(/\W/g, "-")}-${(count += 1)}@company.example`;
    const form = readForm({ ...filledForm, name, email, message: `Our orders fail, ${count}.` });
    return submit(form, "", ip).catch(() => undefined);
  };

  const clients: Client[] = [];
  for (; time < friday + attackMs; time += 10 * minuteMs) {
    for (let address = 0; address < addresses; address += 1)
      while ((await send("Attacker", `10.0.${address}.1`))?.type === "stored");
    const outcome = await send("Mette Holm", `203.0.${clients.length}.1`);
    const hour = Math.floor((time - friday) / (60 * minuteMs));
    const stored = outcome?.type === "stored" ? outcome.inquiry : undefined;
    clients.push({
      hour,
      outcome: !stored ? "refused" : stored.delivery.quarantineReason ? "quarantined" : "mailed",
      reference: stored?.reference ?? "",
    });
    if (stored) expect(stored.handling.promisedBy?.getTime()).toBe(monday);
    await worker.pass();
  }
  for (; time < monday; time += 60 * minuteMs) await worker.pass();
  const accepted = clients.filter(({ reference }) => reference !== "");
  const unseen = accepted.filter(({ reference }) => !namedAt.has(reference));
  return { clients, unseen };
}

test.each([[8], [30]])("%d addresses hide no client whose time has come", async (addresses) => {
  const { clients, unseen } = await attack(addresses);
  expect(unseen).toEqual([]);
  expect(clients.filter(({ outcome }) => outcome === "refused")).toEqual([]);
});
