// PostgreSQL at length: the simulation with crashes at every statement, real kills of two instances, and a server that is stopped hard.

import path from "node:path";
import request from "supertest";
import { openStore } from "../src/inquiries/store/store.ts";
import { runChaos } from "./chaos/run.ts";
import { postgresDatabase, startAsking } from "./simulate/postgres.ts";
import { findFaults, noFigures, playSeed } from "./simulate/simulation.ts";
import { runCommand } from "./support/command.ts";
import { postForm } from "./support/post.ts";
import { freePort } from "./support/process.ts";
import { describeOnPostgres, startCluster, type Cluster } from "./support/postgres.ts";
import { certificateFile } from "./support/smtp-peer.ts";
import { buildTestSite, filledForm, temporaryFolder, tuesday } from "./support/site.ts";

const { leave_empty: _trap, ...answers } = filledForm;

describeOnPostgres("PostgreSQL", () => {
  let cluster: Cluster;
  let url: string;
  beforeAll(async () => {
    cluster = await startCluster();
    url = await cluster.createDatabase();
  });
  afterEach(async () => {
    cluster.thaw();
    await cluster.start();
    await cluster.empty(url);
  });
  afterAll(() => cluster.remove());

  test("60 seeds of crashes, refusals and lost answers keep every promise, and planted faults are found", async () => {
    const { ask, close } = startAsking(url);
    const makeDatabase = (dir: string) => postgresDatabase(cluster, url, ask, dir);
    try {
      const figures = noFigures();
      for (let seed = 20_001; seed <= 20_060; seed += 1) expect(await playSeed(seed, figures, undefined, makeDatabase)).toBeUndefined();
      process.stderr.write(`simulate on PostgreSQL: ${JSON.stringify(figures)}\n`);
      expect(figures.crashes).toBeGreaterThan(60);
      const found = await findFaults(140, 200, makeDatabase);
      process.stderr.write(`faults found after ${JSON.stringify(found)} seeds\n`);
      expect(Object.entries(found).filter(([, seeds]) => seeds === undefined)).toEqual([]);
    } finally {
      await close();
    }
  }, 400_000);

  test.each([
    ["nothing", { kills: 0, stops: 0 }],
    ["8 kills of instances", { kills: 8, stops: 0 }],
    ["4 hard stops of the server", { kills: 0, stops: 4 }],
  ])(
    "under %s, two instances lose none of 200 inquiries, and every repeat has a reason",
    async (_name, troubles) => {
      const { broken, figures } = await runChaos({ submissions: 200, ...troubles });
      process.stderr.write(`${figures.join("\n")}\n`);
      expect(broken).toEqual([]);
    },
    120_000,
  );

  test("staff's commands know where the store is", async () => {
    const { dir, remove } = await temporaryFolder();
    const from = await openStore(path.join(dir, "inquiries.db"), "cleansystems.example");
    const { reference } = (await from.inbox.accept(answers, { slug: "", title: "", quarantineReason: "" }, tuesday)).inquiry;
    await from.close();
    const run = (...args: string[]) => runCommand("inquiries", args, { DATA_DIR: dir, DATABASE_URL: url });
    expect((await run("migrate")).out).toContain("1 copied to PostgreSQL at");
    expect((await run("migrate")).out).toContain("0 copied to PostgreSQL at");
    expect((await run("list", "pending")).out).toContain(reference);
    expect((await run("deliver")).out).toContain("1 sent");
    expect((await run("verify")).out).toContain("its 1 inquiries can be read");
    const backup = await run("backup", path.join(dir, "copy"));
    expect([backup.code, backup.err]).toEqual([1, expect.stringContaining("pg_dump")]);
    expect((await run("erase", "--ref", reference, "--yes")).code).toBe(0);
    expect((await run("migrate")).out).toContain("0 copied"); // what was erased stays erased
    expect((await runCommand("doctor", [], { DATA_DIR: dir, DATABASE_URL: url })).out).toMatch(/PASS +store: PostgreSQL at .* is writable/);
    expect((await runCommand("inquiries", ["migrate"], { DATA_DIR: dir })).err).toContain("migrate wants DATABASE_URL");
    const without = await runCommand("inquiries", ["list"], { DATA_DIR: dir, DATABASE_URL: "postgres://u:geheim@localhost:1/x" });
    expect([without.code, without.err]).toEqual([
      1,
      expect.stringMatching(/PostgreSQL at localhost.* cannot be used: .*; check DATABASE_URL/),
    ]);
    expect(without.err).not.toContain("geheim");
    await remove();
  }, 60_000);

  test("the site answers 503 with the words kept while the server is down, and takes inquiries when it is back, without a restart", async () => {
    const site = await buildTestSite({ env: { DATABASE_URL: url } });
    const reference = await postForm(site, { message: "before" });
    await cluster.stop("immediate");
    const [posted, ready, live] = await Promise.all([
      request(site.server)
        .post("/contact")
        .type("form")
        .send({ ...filledForm, message: "kept words" }),
      request(site.server).get("/readyz"),
      request(site.server).get("/livez"),
    ]);
    expect([posted.status, ready.status, live.status]).toEqual([503, 503, 200]);
    expect(posted.text).toContain("kept words");
    await cluster.start();
    expect(await postForm(site, { message: "kept words" })).toMatch(/^CS-/);
    expect((await request(site.server).get(`/contact/received?ref=${reference}`)).status).toBe(200);
    expect((await request(site.server).get("/readyz")).status).toBe(200);
    await site.close();
  });

  test("TLS is spoken and the certificate verified where it is wanted, and a server without TLS is then refused", async () => {
    const { dir, remove } = await temporaryFolder();
    const verify = (port: number, env: Record<string, string>) => {
      const address = `postgres://site@localhost:${port}/postgres?sslmode=disable`; // which changes nothing
      return runCommand("inquiries", ["verify"], { DATA_DIR: dir, DATABASE_URL: address, ...env });
    };
    const wanted = { DATABASE_REQUIRE_TLS: "true" };
    const port = await freePort();
    const secure = await startCluster("listen_addresses = '127.0.0.1'", `port = ${port}`);
    const plain = await verify(port, wanted);
    expect([plain.code, plain.err]).toEqual([1, expect.stringMatching(/does not support SSL.*DATABASE_REQUIRE_TLS=false does without/)]);
    secure.useCertificate(certificateFile, certificateFile.replace("cert.pem", "key.pem"));
    await secure.ask(secure.urlOf("postgres", port), "select pg_reload_conf()");
    for (let on = ""; on !== "on";) on = String((await secure.ask(secure.urlOf("postgres", port), "show ssl"))[0]?.["ssl"]);
    const unknown = await verify(port, wanted);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringMatching(/self-signed certificate/)]);
    const trusted = await verify(port, { ...wanted, NODE_EXTRA_CA_CERTS: certificateFile });
    expect([trusted.code, trusted.out]).toEqual([0, expect.stringContaining("keeps what it commits")]);
    expect((await verify(port, {})).code).toBe(0); // on this machine, in clear
    await secure.remove();
    await remove();
  }, 60_000);

  test("a server that takes the question and never answers is given up on within seconds", async () => {
    const site = await buildTestSite({ env: { DATABASE_URL: url } });
    await postForm(site, { message: "before" });
    cluster.freeze();
    const posted = await request(site.server)
      .post("/contact")
      .type("form")
      .send({ ...filledForm, message: "kept words" });
    expect(posted.status).toBe(503);
    cluster.thaw();
    expect(await postForm(site, { message: "kept words" })).toMatch(/^CS-/);
    await site.close();
  });
});
