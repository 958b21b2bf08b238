// The store on PostgreSQL: the promises of any store, and those that concern several instances, real
// kills of two of them, and a database server that stops or hangs.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Store } from "../src/inquiries/store/interface.ts";
import { runChaos } from "./chaos/run.ts";
import { keepsPromises } from "./inquiries/store-promises.ts";
import { runCommand } from "./support/command.ts";
import { startCluster } from "./support/postgres.ts";
import { buildTestSite, postForm, temporaryFolder, tuesday } from "./support/site.ts";
import { certificateFile } from "./support/smtp-peer.ts";
import { answers, openStore, plain } from "./support/store.ts";

const cluster = await startCluster();
const url = await cluster.createDatabase();
const folder = await temporaryFolder();
afterEach(async () => {
  cluster.thaw();
  await cluster.start();
  await cluster.empty(url);
});

/** Opens the store of an instance with its own data folder. */
const open = (dir = folder.dir, databaseUrl = url) => openStore(dir, databaseUrl);
/** Runs a command of staff. */
const inquiries = (args: string[], settings: Record<string, string> = {}) =>
  runCommand("inquiries", args, { DATA_DIR: folder.dir, DATABASE_URL: url, ...settings });

describe("any store", () => keepsPromises(() => Promise.resolve(() => open())));

/** Opens five instances at once, on a database without tables. */
const openFive = () => Promise.all([open(), open(), open(), open(), open()]);

test("five instances start on an empty database, and store an inquiry once", async () => {
  const stores = await openFive();
  const messages = Array.from({ length: 30 }, (_, index) => `project ${index}`);
  const post = (store: Store, order: string[]) =>
    Promise.all(order.map((message) => store.accept({ ...answers, message }, plain, tuesday)));
  const accepted = await Promise.all(
    stores.map((store, index) => post(store, index % 2 ? messages.toReversed() : messages)),
  );
  for (const store of stores) expect(await store.list()).toHaveLength(30);
  expect(accepted.flat().filter(({ isRepeated }) => !isRepeated)).toHaveLength(30);
  expect(new Set(accepted.flat().map(({ inquiry }) => inquiry.reference)).size).toBe(30);
});

test("instances never claim the same inquiry, and together claim all", async () => {
  const stores = await openFive();
  for (let index = 0; index < 40; index += 1)
    await stores[0].accept({ ...answers, message: `project ${index}` }, plain, tuesday);
  const claims = await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      stores.map((store, at) => store.claimDue(`${index}, ${at}`, tuesday, 120_000)),
    ).flat(),
  );
  const taken = claims.flatMap((claim) => claim?.reference ?? []);
  expect(new Set(taken).size).toBe(taken.length);
  for (let claim; (claim = await stores[1].claimDue("rest", tuesday, 120_000));)
    taken.push(claim.reference);
  expect(taken).toHaveLength(40);
});

test("what a restored dump has is erased again", async () => {
  const store = await open();
  const { inquiry } = await store.accept(answers, plain, tuesday);
  const dump = path.join(cluster.dir, "dump.sql");
  cluster.run("pg_dump", "--clean", "--file", dump, url);
  await store.erase(await store.list(), tuesday);
  const list = readFileSync(path.join(folder.dir, "erased-references.txt"), "utf8");
  expect(list).toContain(inquiry.reference);
  await store.close();
  cluster.run("psql", "--quiet", "--output=/dev/null", "--file", dump, url);
  expect(await (await open()).list()).toEqual([]);
});

test.each(["fsync", "full_page_writes", "synchronous_commit"])(
  "a database server with %s=off is refused",
  async (setting) => {
    await cluster.set(setting, "off");
    await expect(open()).rejects.toThrow(
      `reports ${setting}=off, and inquiries are safe only with ${setting}=on.`,
    );
    await cluster.set(setting, "on");
  },
);

test("a backup is a dump that pg_restore reads", async () => {
  const store = await open();
  const { inquiry } = await store.accept(answers, plain, tuesday);
  await store.close();
  const file = path.join(folder.dir, "now.dump");
  expect(await inquiries(["backup", file])).toMatchObject({ code: 0, err: "" });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const restored = await cluster.createDatabase();
  execFileSync("pg_restore", ["--exit-on-error", "--no-owner", `--dbname=${restored}`, file]);
  const other = await open(folder.dir, restored);
  expect((await other.list()).map(({ reference }) => reference)).toEqual([inquiry.reference]);
});

test("without pg_dump, a backup names the package to install", async () => {
  await open();
  const file = path.join(folder.dir, "without.dump");
  expect(await inquiries(["backup", file], { PATH: "/nonexistent" })).toMatchObject({
    code: 1,
    err: "pg_dump failed: it is not installed; apt-get install postgresql-client\n",
  });
  expect(existsSync(file)).toBe(false);
});

test("a database that is not in UTF-8 is refused", async () => {
  const create = "create database latin template template0 encoding 'LATIN1' locale 'C'";
  await cluster.ask(cluster.urlOf("postgres"), create);
  const latin = open(folder.dir, cluster.urlOf("latin"));
  await expect(latin).rejects.toThrow(/server_encoding=LATIN1.*UTF8/);
});

test("whoever sends a form while the server restarts only waits", async () => {
  const site = await buildTestSite({ env: { DATABASE_URL: url } });
  await postForm(site, { message: "before" });
  await cluster.stop();
  const during = postForm(site, { message: "during the restart" });
  await cluster.start();
  await during;
  expect(await site.store.list()).toHaveLength(2);
  expect(existsSync(site.config.storeSettings.file)).toBe(false);
});

test("two instances and their server are killed, and no inquiry is lost", async () => {
  const { broken, figures } = await runChaos({ submissions: 200, kills: 8, stops: 4 });
  process.stderr.write(`${figures.join("\n")}\n`);
  expect(broken).toEqual([]);
});

test("staff's commands work, and all but erase without a data folder", async () => {
  const dir = "/dev/null/data"; // nobody can create it
  const store = await openStore(dir, url);
  const { reference } = (await store.accept(answers, plain, tuesday)).inquiry;
  await store.close();
  const run = (...args: string[]) => inquiries(args, { DATA_DIR: dir });
  expect((await run("list", "pending")).out).toContain(reference);
  const refused = await run("erase", reference, "--yes");
  expect(refused).toMatchObject({
    code: 1,
    err: expect.stringMatching(/erased-references.* cannot be written .*: run this on the machine/),
  });
  expect((await run("list")).out).toContain(reference);
  expect((await inquiries(["erase", reference, "--yes"])).code).toBe(0);
  expect((await run("list")).out).toBe("none\n");
  const doctor = await runCommand("doctor", [], { DATA_DIR: dir, DATABASE_URL: url });
  expect(doctor.out).toMatch(/PASS +store: PostgreSQL at .* is writable/);
  const without = await inquiries(["list"], { DATABASE_URL: "postgres://u:geheim@localhost:1/x" });
  expect(without.code).toBe(1);
  expect(without.err).toMatch(/PostgreSQL at localhost.* cannot be used: .*; check DATABASE_URL/);
  expect(without.err).not.toContain("geheim");
});

test("a database that is down costs a 503, and no restart", async () => {
  const site = await buildTestSite({ env: { DATABASE_URL: url } });
  const reference = await postForm(site, { message: "before" });
  await cluster.stop();
  const posted = await site.sendForm({ message: "kept words" });
  expect(posted.status).toBe(503);
  expect(posted.text).toContain("kept words");
  expect((await site.get("/readyz")).status).toBe(503);
  expect((await site.get("/robots.txt")).status).toBe(200);
  await cluster.start();
  expect(await postForm(site, { message: "kept words" })).toMatch(/^CS-/);
  expect((await site.get(`/contact/received?ref=${reference}`)).status).toBe(200);
  expect((await site.get("/readyz")).status).toBe(200);
});

test("sslmode=verify-full refuses a server without a trusted certificate", async () => {
  const address = `postgres://site@localhost:${cluster.port}/postgres`;
  const list = (query: string, env: Record<string, string> = {}) =>
    inquiries(["list"], { DATABASE_URL: address + query, ...env });
  const verified = "?sslmode=verify-full";
  expect(await list(verified)).toMatchObject({
    code: 1,
    err: expect.stringContaining("does not support SSL"),
  });
  await cluster.set("ssl", "on");
  expect(await list(verified)).toMatchObject({
    code: 1,
    err: expect.stringContaining("self-signed certificate"),
  });
  expect(await list(verified, { NODE_EXTRA_CA_CERTS: certificateFile })).toMatchObject({
    code: 0,
    out: "none\n",
  });
  expect((await list("?sslmode=require")).code).toBe(0); // a platform's own certificate
  expect((await list("")).code).toBe(0); // on the same machine, without TLS
});

test("a database that hangs costs a 503 within seconds", async () => {
  const site = await buildTestSite({ env: { DATABASE_URL: url } });
  await postForm(site, { message: "before" });
  cluster.freeze();
  expect((await site.sendForm({ message: "kept words" })).status).toBe(503);
  cluster.thaw();
  expect(await postForm(site, { message: "kept words" })).toMatch(/^CS-/);
});
