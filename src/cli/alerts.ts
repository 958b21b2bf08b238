// Tells ALERT_WEBHOOK_URL what failed. It imports only node:, so that a missing package is told
// too.

import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { writeFileSync } from "node:fs";

type Alerts = {
  /**
   * The folder that knows what was told and is not over. It is in memory, because a full disk must
   * not prevent a call.
   */
  folder: string;
  /** A file that exists since the first call that the webhook did not take. /problems lists it. */
  untaken: string;
  url: string | undefined;
  siteUrl: string | undefined;
};

const dayMs = 86_400_000;

/**
 * What a run of a job means for the webhook. With undefined, only what the webhook has not taken
 * yet is sent.
 */
export type Outcome = { failed: string } | "passed" | "test" | undefined;

/**
 * Tells the webhook an outcome: once, again after a day, and when it is over. What the webhook does
 * not take stays in the folder for the next call, and this one rejects.
 */
export async function tell(
  { folder, untaken, url, siteUrl }: Alerts,
  job: string,
  outcome: Outcome,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const [told, untold] = [`${folder}/${job}`, `${folder}/untold`];
  const before = existsSync(told) ? readFileSync(told, "utf8") : "";
  const say = (words: string) => appendFileSync(untold, `${siteUrl}: ${job} ${words}\n`);
  if (outcome === "test") say("call: problems are told here.");
  else if (outcome === "passed") {
    if (before) say("works again.");
    rmSync(told, { force: true });
  } else if (outcome) {
    const isNews = wordsIn(outcome.failed) !== wordsIn(before);
    if (isNews || Date.now() - statSync(told).mtimeMs > dayMs) {
      say(outcome.failed);
      writeFileSync(told, outcome.failed);
    }
  }
  if (url && existsSync(untold))
    try {
      await post(url, readFileSync(untold, "utf8"));
    } catch (error) {
      if (!existsSync(untaken)) writeFileSync(untaken, "");
      throw error;
    }
  for (const file of [untold, untaken]) rmSync(file, { force: true });
}

/** Leaves out words with a digit, which are times, figures and references, and no news. */
const wordsIn = (text: string) => text.replace(/\w*\d\w*/g, "");

/** Returns the end of what a job printed, without what passed and what only says where. */
export function failure(head: string, lines: string[]): Outcome {
  const shown = lines.filter(
    (line) => line && !/^(PASS| +at |Failed to |\S+\.service: )/.test(line),
  );
  return { failed: [head, ...shown.slice(-10)].join("\n").slice(0, 3_000) };
}

async function post(url: string, text: string): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const signal = AbortSignal.timeout(10_000);
  const body = JSON.stringify({ text });
  // We treat a redirect as an error: fetch would follow it with a GET, without the text.
  const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
  if (!response.ok) throw new Error(`ALERT_WEBHOOK_URL returned ${response.status}`);
}
