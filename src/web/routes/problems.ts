// What a machine asks: whether the site is ready for readers, and which problems it has.

import { statSync } from "node:fs";
import path from "node:path";
import type { Express, Request } from "express";
import { isLate, listProblems, seenFromOutside } from "../../inquiries/problems.ts";
import { inEachOffice } from "../../inquiries/mail/text.ts";
import { StoreError } from "../../inquiries/store/interface.ts";
import { addGetRoute, type RouteContext } from "../routing.ts";
import { urls } from "../../urls.ts";

const hourMs = 3_600_000;
/** How old the answer of /problems to another machine may be, in milliseconds. */
const keptMs = 10_000;
/**
 * /problems names at most so many articles, because Slack cuts texts of more than 4,000 characters.
 */
const maxNamed = 10;

export function problemRoutes(
  app: Express,
  { send, store, library, worker, failedRequests, config, clock }: RouteContext,
): void {
  // Mail that waits, or a full disk, keeps no reader from reading, so neither is asked about here.
  // If the store cannot be read, the error is a 503 as on any page.
  addGetRoute(app, urls.readyz, async (_request, response) => {
    await store.find({ reference: "" }); // this takes one look-up, however many inquiries there are
    const ready = library.list(clock()).length > 0;
    send(response, { status: ready ? 200 : 503, body: JSON.stringify({ ready }), type: "json" });
  });

  addGetRoute(app, urls.problems, async (request, response) => {
    const isOwn = isFromThisMachine(request);
    const problems = isOwn ? await findProblems() : await recentProblems();
    const status = problems.length > 0 ? 503 : 200;
    const outside = status === 200 ? "ok" : seenFromOutside;
    const body = isOwn && status !== 200 ? problems.join("\n") : outside;
    send(response, { status, body: `${body}\n`, type: "text/plain" });
  });

  // Anybody may request /problems, and each answer takes up to 17 ms of CPU with 20,000 inquiries
  // stored: four addresses made visitors of the form wait for half a second.
  let found: { at: Date; problems: string[] } | undefined;
  async function recentProblems(): Promise<string[]> {
    const now = clock();
    const isRecent = found && Math.abs(now.getTime() - found.at.getTime()) < keptMs;
    if (!found || !isRecent) found = { at: now, problems: await findProblems() };
    return found.problems;
  }

  async function findProblems(): Promise<string[]> {
    const now = clock();
    const problems: string[] = [];
    try {
      problems.push(...listProblems(await store.summary(now), now, config.command));
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      problems.push(`the store cannot be used: ${error.message}`);
    }
    const passedAt = worker.passedAt();
    if (isLate(passedAt, now))
      problems.push(
        `no pass of the worker has succeeded since ${inEachOffice(passedAt)}, ` +
          `so nothing is mailed; restart the site if the log does not say why`,
      );
    for (const [asked, { at }] of failedRequests)
      if (now.getTime() - at.getTime() >= hourMs) failedRequests.delete(asked);
    const failed = new Set([...failedRequests.values()].map(({ route }) => route));
    if (failed.size > 0)
      problems.push(`error responses: ${[...failed].sort().join(", ")}; the log says why`);
    // pull-articles lets no article through that this release can't show. There are some after
    // `deploy --back` to a release that doesn't know a key of their front matter, or in an
    // unchecked image.
    const hidden = library.hidden();
    if (hidden.length > 0) {
      const named = hidden.length > maxNamed ? [...hidden.slice(0, maxNamed), "…"] : hidden;
      problems.push(
        `articles that cannot be shown: ${hidden.length} (${named.join(", ")}); ` +
          `see ${config.command("article check")}`,
      );
    }
    const untaken = statSync(path.join(config.dataDir, "untaken-alert"), { throwIfNoEntry: false });
    if (untaken && isLate(untaken.mtime, now))
      problems.push(
        `ALERT_WEBHOOK_URL has taken no call since ${inEachOffice(untaken.mtime)}; ` +
          `what was to be told is told when it works again`,
      );
    return problems;
  }
}

/** Returns whether a program on this machine asks, and not a proxy on it for somebody else. */
function isFromThisMachine({ socket, headers }: Request): boolean {
  return socket.remoteAddress === socket.localAddress && headers["x-forwarded-for"] === undefined;
}
