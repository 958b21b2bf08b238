// One run of the chaos harness: visitors send inquiries while processes are killed, and afterwards
// every inquiry is accounted for.

import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { startCluster, type Cluster } from "../support/postgres.ts";
import { startProcess, submit, type SiteProcess } from "../support/process.ts";
import { countStates, openStore } from "../support/store.ts";
import { temporaryFolder } from "../support/site.ts";
import { startFaultyPeer, type Taken } from "./faulty-peer.ts";

// A lease lasts 2,300 ms (serve.ts). Two sends are abandoned after 800 ms each, and a slow machine
// takes time before and after them.
const minRepeatMs = 500;
const readDelayMs = 100; // the mail server may read what a process sent this much after the process was killed

type Thanked = { number: number; reference: string };

/** The site logged that the mail server did not respond in time, or only after the lease. */
type TooLate = { messageId: string; at: number };

const currentMessageId = (reference: string) => `<${reference.toLowerCase()}@cleansystems.example>`;

const isConfirmation = ({ messageId }: Taken) => messageId.includes("-confirmation@");

/** A kill of a process or a stop of the database: from the signal to its end, or its next start. */
type Strike = { from: number; to: number };

/** `stops`: how often the database is stopped hard; with it, two instances share a PostgreSQL. */
type Chaos = { submissions: number; kills: number; stops?: number };

/**
 * Sends `submissions` inquiries, eight at a time, while processes are killed with -9 and the
 * database is stopped. Returns what was broken.
 */
export async function runChaos({ submissions, kills, stops }: Chaos) {
  await using data = await temporaryFolder({ onDisk: true });
  const cluster = stops === undefined ? undefined : await startCluster();
  const database = cluster ? { DATABASE_URL: await cluster.createDatabase() } : {};
  const startedAt = Date.now();
  const peer = await startFaultyPeer(submissions);
  const settings = {
    SMTP_URL: peer.url,
    SMTP_REQUIRE_TLS: "false",
    INQUIRIES_PER_10_MINUTES: "0",
    INQUIRIES_PER_HOUR_TOTAL: "0",
  };
  const sites = (cluster ? ["one", "other"] : ["one"]).map((name) =>
    keepRunning({ DATA_DIR: path.join(data.dir, name), ...settings, ...database }),
  );
  const site = (number: number) => sites[number % sites.length] as (typeof sites)[0];
  const killed = () => sites.flatMap(({ kills: own }) => own);
  const stopped: Strike[] = [];
  const thanked: Thanked[] = [];
  const unexpected: string[] = [];
  let cut = 0;
  let next = 0;

  async function visitor(): Promise<void> {
    for (let number = (next += 1); number <= submissions; number = next += 1) {
      for (let reference; !reference;) {
        // Every tenth is sent to both instances at once.
        const places = number % 10 === 0 ? sites : [site(number)];
        const answers = await Promise.all(
          places.map(async ({ origin }) => send(await origin(), number).catch(() => undefined)),
        );
        const references = new Set(answers.flatMap((answer) => answer?.reference ?? []));
        if (references.size > 1)
          unexpected.push(`submission ${number} was stored twice: ${[...references].join(", ")}`);
        const refused = answers.find(
          (answer) => answer && !answer.reference && !(stops && answer.status === 503),
        );
        if (refused) unexpected.push(`submission ${number} got ${refused.status}`);
        [reference] = references;
        if (reference) thanked.push({ number, reference });
        else cut += 1; // killed before the response, or 503: the visitor sends the same again
      }
      await sleep(5);
    }
  }

  /** Calls `strike` so many times, spread over the submissions. */
  async function spread(
    times: number,
    strike: (number: number) => Promise<unknown>,
  ): Promise<void> {
    for (let number = 0; number < times; number += 1) {
      while (thanked.length < Math.floor((number * submissions) / times)) await sleep(5);
      await Promise.all(sites.map(({ origin }) => origin())); // wait until all listen
      await sleep((number * 37) % 180);
      await strike(number);
    }
  }

  async function killOne(number: number): Promise<void> {
    const before = killed().length;
    while (killed().length === before) await site(number).kill();
  }

  async function stopServer({ stop, start }: Cluster): Promise<void> {
    const from = Date.now();
    await stop();
    await start();
    stopped.push({ from, to: Date.now() });
  }

  const stopping = cluster && spread(stops ?? 0, () => stopServer(cluster));
  await Promise.all([spread(kills, killOne), stopping, ...Array.from({ length: 8 }, visitor)]);
  const pending = await untilNothingIsPending(path.join(data.dir, "one"), database.DATABASE_URL);
  const failures = sites.flatMap(({ unexpectedEnds }) => unexpectedEnds());
  const settledAt = new Map(sites.flatMap((each) => [...each.settledAt]));
  const tooLate = sites.flatMap((each) => each.tooLate);
  for (const each of sites) await each.stop();
  await cluster?.remove();
  peer.close();

  const confirmations = peer.taken.filter(isConfirmation);
  const staffMails = peer.taken.filter((taken) => !isConfirmation(taken));
  const broken = [
    ...failures,
    ...unexpected,
    ...twiceConfirmed(confirmations),
    ...account(thanked, staffMails, [...killed(), ...stopped], settledAt, tooLate),
  ];
  const copies = staffMails.length;
  const different = new Set(staffMails.map(({ messageId }) => messageId)).size;
  if (pending > 0) broken.push(`${pending} are still pending`);
  if (settledAt.size < submissions / 2)
    broken.push("the log reports too few sent inquiries to check repeats");
  if (different !== submissions)
    broken.push(`${submissions} submissions became ${different} inquiries`);
  if (confirmations.length > 20) broken.push(`${confirmations.length} confirmations`);
  const unanswered = peer.taken.filter(({ answered }) => !answered).length;
  const seconds = Math.round((Date.now() - startedAt) / 1_000);
  const behaviours = Object.entries(peer.met).map(([behaviour, count]) => `${behaviour} ${count}`);
  return {
    broken,
    kills: killed().length,
    figures: [
      `${submissions} submissions, ${thanked.length} thanked for, ${cut} cut off and sent again; ${killed().length} kills by SIGKILL${cluster ? ` of two instances, ${stopped.length} hard stops of their PostgreSQL` : ""}; ${seconds} s`,
      `mail server: ${behaviours.join(", ")}`,
      `${copies} copies of ${different} inquiries, ${copies - different} repeats; ${unanswered} taken without an answer`,
      `${confirmations.length} confirmations`,
      `${broken.length} promises broken`,
    ],
  };
}

/** Returns the confirmations that the mail server accepted a second time. */
function twiceConfirmed(confirmations: Taken[]): string[] {
  const ids = confirmations.map(({ messageId }) => messageId);
  const twice = ids.filter((id, index) => ids.indexOf(id) < index);
  return twice.map((id) => `${id} was sent twice`);
}

/** Returns the lost inquiries, copies with different Message-IDs, and repeats without a reason. */
function account(
  thanked: Thanked[],
  taken: Taken[],
  strikes: Strike[],
  settledAt: Map<string, number>,
  tooLate: TooLate[],
): string[] {
  const copiesOf = Map.groupBy(taken, ({ messageId }) => messageId);
  const numberOf = ({ body }: Taken) => /submission-(\d+)-/.exec(body)?.[1];
  const withText = taken.filter((copy) => numberOf(copy) !== undefined);
  const idsOf = Map.groupBy(withText, numberOf);
  const lost = thanked.filter(({ number, reference }) => {
    const copies = copiesOf.get(currentMessageId(reference)) ?? [];
    return !copies.some((copy) => numberOf(copy) === String(number));
  });
  const renamed = [...idsOf].filter(
    ([, copies]) => new Set(copies.map(({ messageId }) => messageId)).size > 1,
  );
  const unexplained = [...copiesOf].filter(([messageId, copies]) =>
    copies.slice(1).some((copy, index) => {
      const before = copies[index] as Taken;
      // First, because an abandoned send may still arrive when another one is settled.
      if (tooLate.some((late) => late.messageId === messageId && late.at <= copy.at)) return false;
      if (copy.at > (settledAt.get(messageId) ?? Infinity)) return true;
      const isStruck = strikes.some(
        ({ from, to }) => from <= copy.at && to >= before.at - readDelayMs,
      );
      return before.answered && !isStruck && copy.at - before.at < minRepeatMs;
    }),
  );
  return [
    ...lost.map(
      ({ number, reference }) => `submission ${number} was thanked for as ${reference} and is lost`,
    ),
    ...renamed.map(([number]) => `submission ${number} has copies with different Message-IDs`),
    ...unexplained.map(([messageId]) => `${messageId} was repeated without a reason`),
  ];
}

/** Sends the form. Returns the status, and the reference if there is a receipt. */
async function send(origin: string, number: number) {
  const message = `This is submission-${number}-. Please answer.`;
  const email = `visitor-${number}@fjordfreight.example`;
  const { status, location } = await submit(origin, { email, message, confirmation: "yes" });
  return { status, reference: /ref=(CS-[0-9A-Z-]+)$/.exec(location)?.[1] };
}

async function untilNothingIsPending(dir: string, databaseUrl?: string): Promise<number> {
  const store = await openStore(dir, databaseUrl);
  const count = async () => (await countStates(store)).pending;
  const deadline = Date.now() + 300_000; // on a busy machine 120 mails took more than a minute
  while ((await count()) > 0 && Date.now() < deadline) await sleep(100);
  const pending = await count();
  const wanted = async () =>
    (await store.list()).filter(({ confirmation }) => confirmation === "wanted").length;
  // The limit leaves most of them wanted.
  for (let before = -1; before !== (before = await wanted());) await sleep(2_000);
  await store.close();
  return pending;
}

/** Runs the site as a process, and starts it again whenever it was killed. */
function keepRunning(env: Record<string, string>) {
  const kills: Strike[] = [];
  const ends: string[] = [];
  /** When the site logged that an inquiry was sent, by Message-ID: after that, no copy is. */
  const settledAt = new Map<string, number>();
  const tooLate: TooLate[] = [];
  let stopping = false;
  let running = start();

  async function start(): Promise<SiteProcess> {
    const { pathname } = new URL("./serve.ts", import.meta.url);
    const site = await startProcess(env, [process.execPath, pathname]);
    createInterface(site.child.stdout).on("line", (line) => {
      const messageId = currentMessageId(/"inquiry":"(CS-[^"]+)"/.exec(line)?.[1] ?? "");
      if (line.includes('"inquiry was sent')) settledAt.set(messageId, Date.now());
      const isTooLate = /"reason":"ETIMEDOUT"|after its lease had ended/.test(line);
      if (isTooLate && !/confirmation/.test(line)) tooLate.push({ messageId, at: Date.now() });
    });
    site.child.once("close", () => {
      if (site.child.signalCode !== "SIGKILL")
        ends.push(`the process ended by itself: ${site.output().slice(-600)}`);
      if (!stopping) running = start();
    });
    return site;
  }

  /** Kills the process with -9, and records when. */
  async function kill(): Promise<void> {
    const { child, exit } = await running;
    const from = Date.now();
    child.kill("SIGKILL");
    await exit;
    if (child.signalCode === "SIGKILL" && !stopping) kills.push({ from, to: Date.now() });
  }

  return {
    kills,
    settledAt,
    tooLate,
    origin: async () => (await running).origin,
    unexpectedEnds: () => ends,
    kill,
    stop(): Promise<void> {
      stopping = true;
      return kill();
    },
  };
}
