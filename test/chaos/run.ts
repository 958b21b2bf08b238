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

const messageIdOf = (reference: string) => `<${reference.toLowerCase()}@cleansystems.example>`;

const isConfirmation = ({ messageId }: Taken) => messageId.includes("-confirmation@");

/** What a run records beside the mails. */
const nothing = () => ({
  broken: [] as string[],
  thanked: [] as { number: number; reference: string }[],
  kills: 0,
  /**
   * The kills of processes and the stops of the database, each from the signal to the end or the
   * next start.
   */
  strikes: [] as { from: number; to: number }[],
  /**
   * When the site logged that an inquiry was sent, by Message-ID. After that no copy of the mail
   * may be sent.
   */
  settledAt: new Map<string, number>(),
  /**
   * Whether the site logged that the mail server did not respond in time, or only after the lease.
   */
  tooLate: [] as { messageId: string; at: number }[],
});
type Run = ReturnType<typeof nothing>;

/**
 * `stops` says how often the database is stopped hard. With it, two instances share a PostgreSQL.
 */
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
  const run = nothing();
  const { broken, thanked, strikes, settledAt } = run;
  const peer = await startFaultyPeer(submissions);
  const settings = {
    SMTP_URL: peer.url,
    SMTP_REQUIRE_TLS: "false",
    INQUIRIES_PER_10_MINUTES: "0",
    INQUIRIES_PER_HOUR_TOTAL: "0",
  };
  const sites = (cluster ? ["one", "other"] : ["one"]).map((name) =>
    keepRunning(run, { DATA_DIR: path.join(data.dir, name), ...settings, ...database }),
  );
  const site = (number: number) => sites[number % sites.length] as (typeof sites)[0];
  let cut = 0;
  let next = 0;

  async function visitor(): Promise<void> {
    for (let number = (next += 1); number <= submissions; number = next += 1) {
      for (let reference; !reference;) {
        // Every tenth inquiry is sent to both instances at once.
        const places = number % 10 === 0 ? sites : [site(number)];
        const answers = await Promise.all(
          places.map(async ({ origin }) => send(await origin(), number).catch(() => undefined)),
        );
        const refused = answers.find(
          (answer) => answer && !answer.reference && !(stops && answer.status === 503),
        );
        if (refused) broken.push(`submission ${number} got ${refused.status}`);
        reference = answers.find((answer) => answer?.reference)?.reference;
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
      await Promise.all(sites.map(({ origin }) => origin())); // waits until all instances listen
      await sleep((number * 37) % 180);
      await strike(number);
    }
  }

  async function killOne(number: number): Promise<void> {
    for (const before = run.kills; run.kills === before;) await site(number).kill();
  }

  async function stopServer({ stop, start }: Cluster): Promise<void> {
    const from = Date.now();
    await stop();
    await start();
    strikes.push({ from, to: Date.now() });
  }

  const stopping = cluster && spread(stops ?? 0, () => stopServer(cluster));
  await Promise.all([spread(kills, killOne), stopping, ...Array.from({ length: 8 }, visitor)]);
  const pending = await untilNothingIsPending(path.join(data.dir, "one"), database.DATABASE_URL);
  for (const each of sites) await each.stop();
  await cluster?.remove();

  const confirmations = peer.taken.filter(isConfirmation);
  const staffMails = peer.taken.filter((taken) => !isConfirmation(taken));
  const confirmed = confirmations.map(({ messageId }) => messageId);
  const twice = confirmed.filter((id, index) => confirmed.indexOf(id) < index);
  broken.push(...account(run, staffMails), ...twice.map((id) => `${id} was sent twice`));
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
    kills: run.kills,
    figures: [
      `${submissions} submissions, ${thanked.length} thanked for, ${cut} cut off and sent again; ${run.kills} kills by SIGKILL${cluster ? ` of two instances, ${stops} hard stops of their PostgreSQL` : ""}; ${seconds} s`,
      `mail server: ${behaviours.join(", ")}`,
      `${copies} copies of ${different} inquiries, ${copies - different} repeats; ${unanswered} taken without an answer`,
      `${confirmations.length} confirmations`,
      `${broken.length} promises broken`,
    ],
  };
}

/** Returns the lost inquiries, and repeats without a reason. */
function account({ thanked, strikes, settledAt, tooLate }: Run, taken: Taken[]): string[] {
  const copiesOf = Map.groupBy(taken, ({ messageId }) => messageId);
  const lost = thanked.filter(({ number, reference }) => {
    const copies = copiesOf.get(messageIdOf(reference)) ?? [];
    return !copies.some(({ body }) => body.includes(`submission-${number}-`));
  });
  const unexplained = [...copiesOf].filter(([messageId, copies]) =>
    copies.slice(1).some((copy, index) => {
      const before = copies[index] as Taken;
      // This comes first, because an abandoned send may still arrive when another one is settled.
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
    ...unexplained.map(([messageId]) => `${messageId} was repeated without a reason`),
  ];
}

/** Sends the form. Returns the status, and the reference if there is a receipt. */
async function send(origin: string, number: number) {
  const message = `This is submission-${number}-. Please answer.`;
  const email = `visitor-${number}@fjordfreight.example`;
  const { status, location } = await submit(origin, { email, message, confirmation: "yes" });
  return { status, reference: /ref=(CS-[0-9A-Z-]+)/.exec(location)?.[1] };
}

async function untilNothingIsPending(dir: string, databaseUrl?: string): Promise<number> {
  const store = await openStore(dir, databaseUrl);
  const count = async () => (await countStates(store)).pending;
  const deadline = Date.now() + 300_000; // on a busy machine 120 mails took more than a minute
  while ((await count()) > 0 && Date.now() < deadline) await sleep(100);
  const pending = await count();
  const wanted = async () =>
    (await store.list()).filter(({ confirmation }) => confirmation === "wanted").length;
  // The limit of a day leaves most confirmations wanted.
  for (let before = -1; before !== (before = await wanted());) await sleep(2_000);
  await store.close();
  return pending;
}

/** Runs the site as a process, and starts it again whenever it was killed. */
function keepRunning(run: Run, env: Record<string, string>) {
  let stopping = false;
  let running = start();

  async function start(): Promise<SiteProcess> {
    const { pathname } = new URL("./serve.ts", import.meta.url);
    const site = await startProcess(env, [process.execPath, pathname]);
    createInterface(site.child.stdout).on("line", (line) => {
      const messageId = messageIdOf(/"inquiry":"(CS-[^"]+)"/.exec(line)?.[1] ?? "");
      if (line.includes('"inquiry was sent')) run.settledAt.set(messageId, Date.now());
      const isTooLate = /"reason":"ETIMEDOUT"|after its lease had ended/.test(line);
      if (isTooLate && !/confirmation/.test(line)) run.tooLate.push({ messageId, at: Date.now() });
    });
    site.child.once("close", () => {
      if (site.child.signalCode !== "SIGKILL")
        run.broken.push(`the process ended by itself: ${site.output().slice(-600)}`);
      if (!stopping) running = start();
    });
    return site;
  }

  return {
    origin: async () => (await running).origin,
    /** Kills the process with -9, and records when. */
    async kill(): Promise<void> {
      const { child, exit } = await running;
      const from = Date.now();
      child.kill("SIGKILL");
      await exit;
      if (child.signalCode !== "SIGKILL") return;
      run.kills += 1;
      run.strikes.push({ from, to: Date.now() });
    },
    async stop(): Promise<void> {
      stopping = true;
      const { child, exit } = await running;
      child.kill("SIGKILL");
      await exit;
    },
  };
}
