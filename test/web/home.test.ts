// Figures of fixed pages: a value that a page shows is in the output that it names.

import { readFileSync } from "node:fs";
import path from "node:path";
import request from "supertest";
import { articleFile, buildSiteOf } from "../support/articles.ts";
import { textOf } from "../support/html.ts";
import { buildTestSite } from "../support/site.ts";

const outputFile = path.resolve(
  import.meta.dirname,
  "../../articles/examples/retries-multiply/output.txt",
);

test("the figure of the home page shows what the stored output of its article says", async () => {
  const output = readFileSync(outputFile, "utf8");
  expect(output).toContain("1. 70 requests/s, capacity 100/s; the service hangs for 10 s");
  expect(output).toMatch(/^3 retries, backoff and jitter +never +282 +100 +0\.0 %$/m); // in the fifth minute
  expect(output).toMatch(/^backoff, queue bounded at 80 +0 s +71 +71 +100\.0 %$/m);
  const site = await buildTestSite();
  const text = textOf((await request(site.server).get("/")).text);
  await site.close();
  for (const words of [
    "70 requests a second",
    "The service hangs: 10 s",
    "With retries: never recovers",
    "Bounded queue: recovers at once",
  ])
    expect(text).toContain(words);
});

test("without that article the home page has no figure", async () => {
  const site = await buildSiteOf({ "a.md": articleFile() });
  const { status, text } = await request(site.server).get("/");
  await site.close();
  expect(status).toBe(200);
  expect(textOf(text)).not.toContain("stall");
});
