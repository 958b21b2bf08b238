// Health checks: whether the process responds, and whether it can do its work. Mail that is down is reported, but the site is ready without it.

import type { Express } from "express";
import type { ArticleError } from "../../articles/article.ts";
import { deliveryProblems } from "../../inquiries/alerts.ts";
import type { Context } from "../context.ts";
import { page } from "../middleware.ts";

const places = (errors: ArticleError[]) => [...new Set(errors.map(({ file, line }) => `${file}:${line}`))];

export function healthRoutes(app: Express, { publish, staff, library, stopping, now, log }: Context): void {
  page(app, "/livez", (_request, response) => publish(response, { body: "ok\n", type: "text/plain" }));

  page(app, "/readyz", async (_request, response) => {
    const articles = library.list(now()).length;
    const asked = staff.checkWritable(now()).then(() => staff.summary(now()));
    const inquiries = await asked.catch((error: unknown) => {
      log.error({ err: error }, "the store is not writable");
      return undefined;
    });
    const problems = inquiries ? deliveryProblems(inquiries, now()) : [];
    const oldest = inquiries?.oldestUndeliveredAt;
    const ready = inquiries !== undefined && articles > 0 && !stopping();
    const report = {
      ready,
      ...(stopping() && { stopping: true }),
      store: inquiries ? "writable" : "not writable",
      inquiries: inquiries?.counts,
      delivery: problems.length === 0 ? "ok" : problems,
      oldestUndeliveredSeconds: oldest && Math.round((now().getTime() - oldest.getTime()) / 1000),
      articles,
      // Where, but not what: the words of a draft may be in it. They are in the log.
      refusedArticles: places(library.errors()),
      articleProblems: places(library.bodyProblems()),
    };
    publish(response, { status: ready ? 200 : 503, body: JSON.stringify(report), type: "json" });
  });
}
