// The store on PostgreSQL: the promises of any store, and those that concern several instances and
// a database server.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { Progress } from "../../src/inquiries/handling.ts";
import type { Store } from "../../src/inquiries/store/interface.ts";
import { createStore } from "../../src/inquiries/store/store.ts";
import { runCommand } from "../support/command.ts";
import { postForm } from "../support/post.ts";
import { startCluster, type Cluster } from "../support/postgres.ts";
import { buildTestSite, temporaryFolder, tuesday } from "../support/site.ts";
import { answers, click, plain } from "../support/store.ts";
import { keepsPromises } from "./store-promises.ts";

describe("PostgreSQL", () => {
  let cluster: Cluster;
  let url: string;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeAll(async () => {
    cluster = await startCluster();
    url = await cluster.createDatabase();
    folder = await temporaryFolder();
  });
  afterAll(async () => {
    await cluster.remove();
    await folder.remove();
  });

  /** Opens the store of an instance with its own data folder. */
  async function open(dir = folder.dir, databaseUrl = url) {
    const file = path.join(dir, "inquiries.db");
    let erasedAgain = 0;
    const settings = { file, databaseUrl, messageIdDomain: "cleansystems.example" };
    const store = createStore(settings, (opened) => ({ erasedAgain } = opened));
    await store.open();
    return { ...store, erasedAgain };
  }

  describe("any store", () =>
    keepsPromises(() =>
      Promise.resolve({ open: () => open(), remove: async () => void (await cluster.empty(url)) }),
    ));

  describe("five instances", () => {
    let stores: Store[];
    beforeEach(async () => {
      // All start at once, on a database without tables.
      stores = await Promise.all(Array.from({ length: 5 }, () => open()));
    });
    afterEach(async () => {
      for (const store of stores) await store.close();
      await cluster.empty(url);
    });
    const [first, second] = [() => stores[0] as Store, () => stores[1] as Store];

    test("start at once on an empty database, and store an inquiry once", async () => {
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

    test("never claim the same inquiry, and together claim all of them", async () => {
      for (let index = 0; index < 40; index += 1)
        await first().accept({ ...answers, message: `project ${index}` }, plain, tuesday);
      const claims = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          (stores[index % 5] as Store).claimDue(`${index}`, tuesday, 120_000),
        ),
      );
      const taken = claims.flatMap((claim) => claim?.reference ?? []);
      expect(new Set(taken).size).toBe(taken.length);
      for (let claim; (claim = await second().claimDue("rest", tuesday, 120_000));)
        taken.push(claim.reference);
      expect(taken).toHaveLength(40);
    });

    test("change progress once if staff press the button on all of them", async () => {
      const { reference } = (await first().accept(answers, plain, tuesday)).inquiry;
      const set = (store: Store, progress: Progress, seen: number) =>
        click(store, reference, progress, { now: tuesday, seen });
      const results = await Promise.all(stores.map((store) => set(store, "taken", 0)));
      expect(results.filter(Boolean)).toHaveLength(1);
      const seen = tuesday.getTime();
      const others = [set(first(), "answered", seen), set(second(), "closed", seen)];
      expect((await Promise.all(others)).filter(Boolean)).toHaveLength(1);
    });

    test("erase again what a restored dump has", async () => {
      const { inquiry } = await first().accept(answers, plain, tuesday);
      const dump = path.join(cluster.dir, "dump.sql");
      cluster.run("pg_dump", "--clean", "--file", dump, url);
      await first().erase(await first().list(), tuesday);
      const list = readFileSync(path.join(folder.dir, "erased-references.txt"), "utf8");
      expect(list).toContain(inquiry.reference);
      for (const store of stores.splice(0)) await store.close();
      cluster.run("psql", "--quiet", "--output=/dev/null", "--file", dump, url);
      const restored = await open();
      expect(restored.erasedAgain).toBe(1);
      expect(await restored.list()).toEqual([]);
      await restored.close();
    });
  });

  test.each(["fsync", "full_page_writes", "synchronous_commit"])(
    "a database server with %s=off is refused",
    async (setting) => {
      await cluster.ask(url, `alter system set ${setting} = off`);
      await cluster.ask(url, "select pg_reload_conf()");
      const says = async () => (await cluster.ask(url, `show ${setting}`))[0]?.[setting];
      while ((await says()) !== "off"); // the server reads it in a moment
      await expect(open()).rejects.toThrow(
        `reports ${setting}=off, and inquiries are safe only with ${setting}=on.`,
      );
      await cluster.ask(url, `alter system reset ${setting}`);
      await cluster.ask(url, "select pg_reload_conf()");
      while ((await says()) !== "on");
    },
  );

  test("a backup is a dump that pg_restore reads", async () => {
    const store = await open();
    const { inquiry } = await store.accept(answers, plain, tuesday);
    await store.close();
    const file = path.join(folder.dir, "now.dump");
    const env = { DATA_DIR: folder.dir, DATABASE_URL: url };
    expect(await runCommand("inquiries", ["backup", file], env)).toMatchObject({
      code: 0,
      err: "",
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const restored = await cluster.createDatabase();
    execFileSync("pg_restore", ["--exit-on-error", "--no-owner", `--dbname=${restored}`, file]);
    const other = await open(folder.dir, restored);
    expect((await other.list()).map(({ reference }) => reference)).toEqual([inquiry.reference]);
    await other.close();
    await cluster.empty(url);
  });

  test("a database that is not in UTF-8 is refused", async () => {
    const create = "create database latin template template0 encoding 'LATIN1' locale 'C'";
    await cluster.ask(cluster.urlOf("postgres"), create);
    const latin = open(folder.dir, cluster.urlOf("latin"));
    await expect(latin).rejects.toThrow(/server_encoding=LATIN1.*UTF8/);
  });

  test("whoever sends a form while the server restarts only waits", async () => {
    await using site = await buildTestSite({ env: { DATABASE_URL: url } });
    await postForm(site, { message: "before" });
    await cluster.stop();
    const during = postForm(site, { message: "during the restart" });
    await cluster.start();
    await during;
    expect(await site.store.list()).toHaveLength(2);
    expect(existsSync(site.config.storeSettings.file)).toBe(false);
  });
});
