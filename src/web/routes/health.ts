// Health checks: whether the process responds, and whether the site is ready. Failing mail is
// reported, but the site is ready without it.

import type { Express, Request } from "express";
import type { ArticleError } from "../../articles/article.ts";
import { problemsOf } from "../../inquiries/alerts.ts";
import type { Summary } from "../../inquiries/store/reports.ts";
import type { Context } from "../context.ts";
import { addGetRoute } from "../middleware.ts";

const rememberedMs = 1_000;

export function healthRoutes(
  app: Express,
  { send, store, library, clock, log, config }: Context,
): void {
  let recent: { at: number; summary: Promise<Summary | undefined> } | undefined;

  addGetRoute(app, "/livez", (_request, response) =>
    send(response, { body: "ok\n", type: "text/plain" }),
  );

  // Without maxAge, so that no cache passes a client's report on to another client.
  addGetRoute(app, "/readyz", async (request, response) => {
    const isTrusted = isFromThisMachine(request);
    const summary = await (isTrusted ? readSummary() : recentSummary());
    const problems = summary
      ? problemsOf(summary, clock(), config.command).map(({ text }) => text)
      : [];
    const articles = library.list(clock()).length;
    const ready = summary !== undefined && articles > 0;
    const report = {
      ready,
      store: summary ? "writable" : "not writable",
      delivery: problems.length === 0 ? "ok" : "failing",
      ...(isTrusted && {
        problems,
        inquiries: summary?.counts,
        overdue: summary?.overdue,
        articles,
        refusedArticles: placesOf(library.errors()),
      }),
    };
    send(response, { status: ready ? 200 : 503, body: JSON.stringify(report), type: "json" });
  });

  /** Each reading commits to the store. A stranger causes one a second at most. */
  function recentSummary(): Promise<Summary | undefined> {
    const at = clock().getTime();
    if (!recent || Math.abs(at - recent.at) >= rememberedMs)
      recent = { at, summary: readSummary() };
    return recent.summary;
  }

  async function readSummary(): Promise<Summary | undefined> {
    try {
      await store.checkWritable(clock());
      return await store.summary(clock());
    } catch (error) {
      log.error({ err: error }, "the store is not writable");
      return undefined;
    }
  }
}

/** Only file and line: the message, which is in the log, may quote a draft. */
const placesOf = (errors: ArticleError[]) => [
  ...new Set(errors.map(({ file, line }) => `${file}:${line}`)),
];

/**
 * Whether a request came over the loopback interface and not through a proxy. Only such a client
 * may read counts and problems.
 */
function isFromThisMachine({ headers, socket: { remoteAddress = "" } }: Request): boolean {
  const isForwarded = Object.keys(headers).some(
    (name) => name === "forwarded" || name.startsWith("x-forwarded-"),
  );
  return !isForwarded && /^(::1|(::ffff:)?127\.[\d.]+)$/.test(remoteAddress);
}
