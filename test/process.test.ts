// The process starts, serves and stops, and what a site does whose store cannot be opened, as on a
// disk that is full or read-only: in production only the form is closed. test/process.long.test.ts
// has the rest of the process.

import { readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { explain, networkOrigins, refuseForgottenFile } from "../src/startup.ts";
import { articleFile, buildSiteOf } from "./support/articles.ts";
import { startProcess, submit } from "./support/process.ts";
import { productionEnv, temporaryFolder } from "./support/site.ts";

let dir: string;
beforeEach(async () => {
  ({ dir } = await temporaryFolder());
  await writeFile(path.join(dir, "file"), "");
});

const inFile = () => path.join(dir, "file/data"); // cannot be created
const build = (env: Record<string, string>, pauseMs = 10_000) =>
  buildSiteOf({ "a.md": articleFile() }, { env, timings: { pauseMs } });

test("without configuration it serves, stores, and writes mails as files", async () => {
  const site = await startProcess({ DATA_DIR: dir });
  expect((await fetch(`${site.origin}/articles`)).status).toBe(200);
  expect((await submit(site.origin)).status).toBe(303);
  expect(await site.stop()).toBe(0);
  expect(site.output()).toMatch(/inquiries are stored in .*inquiries\.db/);
  expect(site.output()).toMatch(/SMTP_URL is not set: mails are written to /);
  expect(await readdir(path.join(dir, "mail"))).toHaveLength(1);
});

test("a site on all addresses says where a phone finds it", () => {
  const rest = { netmask: "", mac: "", cidr: null };
  const ipv4 = (address: string, internal = false) =>
    ({ ...rest, address, family: "IPv4", internal }) as const;
  const interfaces = {
    lo: [ipv4("127.0.0.1", true)],
    wlan0: [
      ipv4("192.168.1.20"),
      { ...rest, address: "fe80::1", family: "IPv6", internal: false, scopeid: 2 } as const,
    ],
  };
  expect(networkOrigins("0.0.0.0", 3_000, interfaces)).toEqual(["http://192.168.1.20:3000"]);
  expect(networkOrigins("127.0.0.1", 3_000, interfaces)).toEqual([]);
});

test("without a store production serves articles, and asks for an email", async () => {
  const site = await build({ ...productionEnv, DATA_DIR: inFile() }, 10);
  site.worker.start();
  const logged = () => site.logged.map(({ level, msg }) => `${String(level)} ${String(msg)}`);
  expect(logged()).toContainEqual(
    expect.stringMatching(/^error the store cannot be opened: articles are served/),
  );
  for (const page of ["/", "/articles", "/contact", "/feed.atom"])
    expect([page, (await site.get(page)).status]).toEqual([page, 200]);
  expect((await site.get("/readyz")).status).toBe(503);
  const refused = await site.sendForm();
  expect(refused.status).toBe(503);
  expect(refused.text).toContain('href="mailto:hello@cleansystems.dk?subject=');
  for (const [address, words] of [
    [
      "/contact/received?ref=CS-7F3K-9QXM",
      "Your message is safe: it was saved before you were given this reference",
    ],
    [`/staff/${"0".repeat(32)}`, "Try again in a minute"],
  ] as const) {
    const unread = await site.get(address);
    expect([unread.status, unread.headers["retry-after"], unread.headers["cache-control"]]).toEqual(
      [503, "60", "no-store"],
    );
    expect(unread.text).toContain(words);
  }
  expect(logged().filter((line) => line === "error a request failed")).toHaveLength(3);
  expect(JSON.stringify(site.logged)).not.toContain("7F3K");

  await rm(path.join(dir, "file"));
  while ((await site.get("/readyz")).status !== 200); // until the worker opened it
  expect((await site.sendForm()).status).toBe(303);
  expect(logged()).toContainEqual(
    expect.stringMatching(/^info inquiries are stored in .*inquiries\.db$/),
  );
  expect((await site.get("/readyz")).body).toEqual({ ready: true });
  while (site.mailbox.length === 0) await site.get("/robots.txt");
});

test.each([
  ["cannot be created", inFile, /^\S+ cannot be used \(ENOTDIR\): .* DATA_DIR .*$/],
  ["is damaged", () => dir, /^\S+inquiries\.db is damaged or not a store: .*restore a backup.*$/],
])(
  "elsewhere a site whose store %s does not start, and says what to do",
  async (_what, folder, sentence) => {
    await writeFile(path.join(dir, "inquiries.db"), "this is no database, and long. ".repeat(40));
    const failure = await build({ DATA_DIR: folder() }).catch(explain);
    expect(failure).toEqual(expect.stringMatching(sentence));
  },
);

test("with DATABASE_URL, a file with inquiries prevents the start", async () => {
  const file = path.join(dir, "data/inquiries.db");
  const site = await build({ DATA_DIR: path.dirname(file) });
  const storeSettings = { file, databaseUrl: "postgres://db/website", messageIdDomain: "a.dk" };
  const start = () => refuseForgottenFile({ storeSettings });
  expect(start).not.toThrow();
  expect((await site.sendForm()).status).toBe(303);
  expect(start).toThrow(/DATABASE_URL is set, but \S+inquiries\.db still holds 1 inquiry/);
});

test("a site without an article that readers may see is not ready", async () => {
  const empty = await buildSiteOf({ "a.md": articleFile({ draft: "true" }) });
  const { status, body } = await empty.get("/readyz");
  expect([status, body]).toEqual([503, { ready: false }]);
});
