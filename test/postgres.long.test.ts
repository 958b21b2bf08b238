// The long tests on PostgreSQL: real kills of two instances, and a database server that stops or
// hangs. The promises of the store are tested in inquiries/postgres.long.test.ts.

import { runChaos } from "./chaos/run.ts";
import { runCommand } from "./support/command.ts";
import { postForm } from "./support/post.ts";
import { freePort } from "./support/process.ts";
import { startCluster, type Cluster } from "./support/postgres.ts";
import { certificateFile } from "./support/smtp-peer.ts";
import { buildTestSite, filledForm, temporaryFolder, tuesday } from "./support/site.ts";
import { openStore, plain } from "./support/store.ts";

const { leave_empty: _trap, ...answers } = filledForm;

describe("PostgreSQL", () => {
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

  test("two instances and their server are killed, and no inquiry is lost", async () => {
    const { broken, figures } = await runChaos({ submissions: 200, kills: 8, stops: 4 });
    process.stderr.write(`${figures.join("\n")}\n`);
    expect(broken).toEqual([]);
  });

  test("every command of staff works on PostgreSQL, and all but erase without a data folder", async () => {
    const dir = "/dev/null/data"; // nobody can create it
    const store = await openStore(dir, url);
    const { reference } = (await store.accept(answers, plain, tuesday)).inquiry;
    await store.close();
    const runIn = (DATA_DIR: string, ...args: string[]) =>
      runCommand("inquiries", args, { DATA_DIR, DATABASE_URL: url });
    const run = (...args: string[]) => runIn(dir, ...args);
    expect((await run("list", "pending")).out).toContain(reference);
    const refused = await run("erase", reference, "--yes");
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /erased-references.* cannot be written .*: run this on the machine/,
      ),
    });
    expect((await run("list")).out).toContain(reference);
    await using folder = await temporaryFolder();
    expect((await runIn(folder.dir, "erase", reference, "--yes")).code).toBe(0);
    expect((await run("list")).out).toBe("none\n");
    const doctor = await runCommand("doctor", [], { DATA_DIR: dir, DATABASE_URL: url });
    expect(doctor.out).toMatch(/PASS +store: PostgreSQL at .* is writable/);
    const without = await runCommand("inquiries", ["list"], {
      DATA_DIR: dir,
      DATABASE_URL: "postgres://u:geheim@localhost:1/x",
    });
    expect(without.code).toBe(1);
    expect(without.err).toMatch(/PostgreSQL at localhost.* cannot be used: .*; check DATABASE_URL/);
    expect(without.err).not.toContain("geheim");
  });

  test("a database that is down costs a 503, and no restart", async () => {
    await using site = await buildTestSite({ env: { DATABASE_URL: url } });
    const reference = await postForm(site, { message: "before" });
    await cluster.stop();
    const posted = await site.sendForm({ message: "kept words" });
    expect(posted.status).toBe(503);
    expect(posted.text).toContain("kept words");
    expect((await site.get("/readyz")).status).toBe(503);
    expect((await site.get("/livez")).status).toBe(200);
    await cluster.start();
    expect(await postForm(site, { message: "kept words" })).toMatch(/^CS-/);
    expect((await site.get(`/contact/received?ref=${reference}`)).status).toBe(200);
    expect((await site.get("/readyz")).status).toBe(200);
  });

  test("sslmode=verify-full refuses a server without TLS or with a certificate that is not trusted", async () => {
    await using folder = await temporaryFolder();
    const list = (query: string, env: Record<string, string> = {}) => {
      const address = `postgres://site@localhost:${port}/postgres${query}`;
      return runCommand("inquiries", ["list"], {
        DATA_DIR: folder.dir,
        DATABASE_URL: address,
        ...env,
      });
    };
    const verified = "?sslmode=verify-full";
    const port = await freePort();
    const secure = await startCluster("listen_addresses = '127.0.0.1'", `port = ${port}`);
    expect(await list(verified)).toMatchObject({
      code: 1,
      err: expect.stringContaining("does not support SSL"),
    });
    secure.useCertificate();
    await secure.ask(secure.urlOf("postgres", port), "select pg_reload_conf()");
    for (let on = ""; on !== "on";)
      on = String((await secure.ask(secure.urlOf("postgres", port), "show ssl"))[0]?.["ssl"]);
    expect(await list(verified)).toMatchObject({
      code: 1,
      err: expect.stringContaining("self-signed certificate"),
    });
    expect(await list(verified, { NODE_EXTRA_CA_CERTS: certificateFile })).toMatchObject({
      code: 0,
      out: "none\n",
    });
    expect((await list("")).code).toBe(0); // on the same machine, without TLS
    await secure.remove();
  });

  test("a database that hangs costs a 503 within seconds", async () => {
    await using site = await buildTestSite({ env: { DATABASE_URL: url } });
    await postForm(site, { message: "before" });
    cluster.freeze();
    expect((await site.sendForm({ message: "kept words" })).status).toBe(503);
    cluster.thaw();
    expect(await postForm(site, { message: "kept words" })).toMatch(/^CS-/);
  });
});
