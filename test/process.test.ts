// The process starts, serves and stops. test/process.long.test.ts has the rest.

import { readdir } from "node:fs/promises";
import path from "node:path";
import { startProcess, submit } from "./support/process.ts";
import { temporaryFolder } from "./support/site.ts";

test("without configuration it serves, stores, and writes mails as files", async () => {
  const { dir } = await temporaryFolder();
  const site = await startProcess({ DATA_DIR: dir });
  expect((await fetch(`${site.origin}/articles`)).status).toBe(200);
  expect((await submit(site.origin)).status).toBe(303);
  expect(await site.stop()).toBe(0);
  expect(site.output()).toMatch(/inquiries are stored in .*inquiries\.db/);
  expect(site.output()).toMatch(/SMTP_URL is not set: mails are written to /);
  expect(await readdir(path.join(dir, "mail"))).toHaveLength(1);
});
