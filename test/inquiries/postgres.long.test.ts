// The store on PostgreSQL: what any store promises, and what several instances and a server of its own bring with them.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { StoredInquiry } from "../../src/inquiries/store-schema.ts";
import { openStore, type Store } from "../../src/inquiries/store.ts";
import { storeFile } from "../../src/site.ts";
import { postForm } from "../support/post.ts";
import { describeOnPostgres, startCluster, type Cluster } from "../support/postgres.ts";
import { buildTestSite, filledForm, temporaryFolder, tuesday } from "../support/site.ts";
import { keepsPromises } from "./store-promises.ts";

const { leave_empty: _trap, ...inquiry } = filledForm;
const source = { slug: "", title: "", suspicion: "" };

describeOnPostgres("PostgreSQL", () => {
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

  const open = (domain = "cleansystems.example", dir = folder.dir) =>
    openStore(path.join(dir, "inquiries.db"), domain, { url, requireTls: undefined });

  describe("any store", () => keepsPromises(() => Promise.resolve({ open, remove: async () => void (await cluster.empty(url)) })));

  describe("instances", () => {
    let stores: Store[];
    beforeEach(async () => {
      // All at the same moment, on a database without tables.
      stores = await Promise.all(Array.from({ length: 5 }, () => open()));
    });
    afterEach(async () => {
      for (const store of stores) await store.close();
      await cluster.empty(url);
    });
    const [first, second] = [() => stores[0] as Store, () => stores[1] as Store];

    test("start at the same moment, and each tells the same", async () => {
      await first().accept(inquiry, source, tuesday);
      expect(await Promise.all(stores.map((store) => store.list()))).toEqual(stores.map(() => [expect.objectContaining(inquiry)]));
    });

    test("take the same inquiry as one, also among others in any order", async () => {
      const messages = Array.from({ length: 30 }, (_, index) => `project ${index}`);
      const post = (store: Store, order: string[]) =>
        Promise.all(order.map((message) => store.accept({ ...inquiry, message }, source, tuesday)));
      const answers = await Promise.all(stores.map((store, index) => post(store, index % 2 ? messages.toReversed() : messages)));
      expect(await first().list()).toHaveLength(30);
      expect(answers.flat().filter(({ repeated }) => !repeated)).toHaveLength(30);
      expect(new Set(answers.flat().map(({ stored }) => stored.reference)).size).toBe(30);
    });

    test("never claim the same inquiry, and one that is being claimed keeps nobody waiting", async () => {
      for (let index = 0; index < 40; index += 1) await first().accept({ ...inquiry, message: `project ${index}` }, source, tuesday);
      const claims = await Promise.all(
        Array.from({ length: 60 }, (_, index) => (stores[index % 5] as Store).claimDue(`${index}`, tuesday, 120_000)),
      );
      const taken = claims.flatMap((claim) => claim?.reference ?? []);
      expect(new Set(taken).size).toBe(taken.length);
      for (let claim; (claim = await second().claimDue("rest", tuesday, 120_000));) taken.push(claim.reference);
      expect(taken).toHaveLength(40);
    });

    test("an erasure is known on every machine that starts after it, and a restored dump is erased again", async () => {
      const { stored } = await first().accept(inquiry, source, tuesday);
      const dump = path.join(cluster.dir, "dump.sql");
      cluster.run("pg_dump", "--clean", "--file", dump, url);
      const elsewhere = await temporaryFolder();
      await first().erase(await first().list());
      const written = async () => (await cluster.ask(url, "select pg_relation_filenode('inquiries') as file"))[0]?.["file"];
      const before = await written();
      const notYetThere = path.join(elsewhere.dir, "data");
      await (await open("other.example", notYetThere)).close();
      expect(await written()).toBe(before); // only who erases writes the table anew, which locks it
      expect(readFileSync(path.join(notYetThere, "erased-references.txt"), "utf8")).toContain(stored.reference);
      for (const store of stores.splice(0)) await store.close();
      cluster.run("psql", "--quiet", "--output=/dev/null", "--file", dump, url);
      const restored = await open("other.example", notYetThere);
      expect([restored.erasedAgain, await restored.list()]).toEqual([1, []]);
      await restored.close();
      await elsewhere.remove();
    });

    test("a deletion leaves nothing of the text in the tables and their statistics; the log of changes keeps it for a while", async () => {
      const filesWith = async (word: string) => {
        await cluster.ask(url, "checkpoint");
        const names = readdirSync(path.join(cluster.data, "base"), { recursive: true, encoding: "utf8" });
        const files = names
          .map((name) => path.join(cluster.data, "base", name))
          .filter((file) => existsSync(file) && statSync(file).isFile());
        return files.filter((file) => readFileSync(file).includes(word)).length;
      };
      for (const message of ["first", "a very particular sentence"])
        await first().accept({ ...inquiry, name: "Particularis", message }, source, tuesday);
      await cluster.ask(url, "analyze");
      expect(await filesWith("Particularis")).toBe(1);
      await cluster.ask(url, "delete from inquiries where message like 'a very%'");
      await cluster.ask(url, "vacuum inquiries");
      expect(await filesWith("very particular")).toBe(1); // why VACUUM is not enough
      await first().erase(await first().list());
      expect([await filesWith("Particularis"), await filesWith("very particular")]).toEqual([0, 0]);
    });

    test("a long reader delays the end of an erasure, and nobody else", async () => {
      await first().accept(inquiry, source, tuesday);
      const reading = cluster.ask(url, "begin; lock table inquiries in access share mode; select pg_sleep(0.8)");
      for (let locked = false; !locked;)
        locked =
          (await cluster.ask(url, "select 1 from pg_locks where mode = 'AccessShareLock' and relation = 'inquiries'::regclass")).length > 0;
      const erasing = first().erase(await first().list());
      await expect(erasing).rejects.toThrow(/run purge later/);
      expect(await second().list()).toEqual([]);
      await reading;
      expect(await second().purge(tuesday, tuesday)).toEqual([]);
    });
  });

  test.each(["fsync", "full_page_writes", "synchronous_commit"])("a server with %s=off is refused with a sentence", async (setting) => {
    await cluster.ask(url, `alter system set ${setting} = off`);
    await cluster.ask(url, "select pg_reload_conf()");
    const says = async () => (await cluster.ask(url, `show ${setting}`))[0]?.[setting];
    while ((await says()) !== "off"); // the server reads it in a moment
    await expect(open()).rejects.toThrow(`says ${setting}=off, and inquiries are safe only with ${setting}=on.`);
    await cluster.ask(url, `alter system reset ${setting}`);
    await cluster.ask(url, "select pg_reload_conf()");
    while ((await says()) !== "on");
  });

  test("a database that cannot take every script is refused, and so is one written by a newer version", async () => {
    await cluster.ask(cluster.urlOf("postgres"), "create database latin template template0 encoding 'LATIN1' locale 'C'");
    const latin = openStore(path.join(folder.dir, "x.db"), "x.example", { url: cluster.urlOf("latin"), requireTls: undefined });
    await expect(latin).rejects.toThrow(/server_encoding=LATIN1.*UTF8/);
    await (await open()).close();
    await cluster.ask(url, "insert into kysely_migration values ('9999-from-the-future', '2030-01-01')");
    await expect(open()).rejects.toThrow(/PostgreSQL at .* was written by a newer version/);
    await cluster.empty(url);
  });

  test("a database on another machine has to show a certificate, unless that is waived; a secret is in no message", async () => {
    const at = (requireTls: boolean | undefined) =>
      openStore(path.join(folder.dir, "x.db"), "x.example", { url: "postgres://u:geheim@db.invalid/x?sslmode=disable", requireTls });
    await expect(at(undefined)).rejects.toThrow(/db\.invalid\/x cannot be used: .*DATABASE_REQUIRE_TLS=false does without TLS/);
    await expect(at(false)).rejects.toThrow(/cannot be used: .*; check DATABASE_URL\.$/);
    for (const requireTls of [undefined, false]) await expect(at(requireTls)).rejects.not.toThrow(/geheim/);
  });

  test("a move from a file loses nothing and can be done again", async () => {
    const { dir, remove } = await temporaryFolder();
    const file = path.join(dir, "inquiries.db");
    const from = await openStore(file, "cleansystems.example");
    const accept = (message: string, suspicion = "") => from.accept({ ...inquiry, message }, { ...source, suspicion }, tuesday);
    await accept("handed over");
    const sent = await from.claimDue("a", tuesday, 1_000);
    if (sent) await from.settleHandedOver(sent, tuesday, "ours: 1 of the addresses in MAIL_TO were refused");
    await accept("quarantined", "many links");
    await from.markListed(await from.unlisted(new Date(tuesday.getTime() + 1)), tuesday);
    await accept("being sent");
    await from.claimDue("a", tuesday, 1_000);
    const erased = (await accept("erased")).stored;
    await from.erase([erased]);
    const held = await from.list();
    const dailyMailAt = await from.lastDailyMailAt();
    await from.close();
    const to = await open("other.example", dir);
    const inOrder = held.toReversed();
    expect(await to.takeOver(inOrder, dailyMailAt)).toBe(3);
    const asTold = ({ id: _id, ...row }: StoredInquiry) => ({ ...row, lease_owner: null, lease_until: null });
    expect((await to.list()).map(asTold)).toEqual(held.map(asTold));
    expect(await to.lastDailyMailAt()).toEqual(dailyMailAt);
    await to.move(inOrder[0]?.reference ?? "", ["handed-over"], "bounced", tuesday);
    expect(await to.takeOver([...inOrder, erased], dailyMailAt)).toBe(0);
    expect((await to.list()).map(({ state }) => state).sort()).toEqual(["bounced", "pending", "quarantined"]);
    await to.close();
    await cluster.empty(url);
    await remove();
  });

  test("the same words sent to both stores are two inquiries after the move", async () => {
    const { dir, remove } = await temporaryFolder();
    const from = await openStore(path.join(dir, "inquiries.db"), "cleansystems.example");
    await from.accept(inquiry, source, tuesday);
    const to = await open("cleansystems.example", dir);
    await to.accept(inquiry, source, tuesday);
    expect(await to.takeOver(await from.list(), undefined)).toBe(1);
    expect(await to.list()).toHaveLength(2);
    for (const store of [from, to]) await store.close();
    await cluster.empty(url);
    await remove();
  });

  describe("the site", () => {
    const build = (env = {}) => buildTestSite({ env: { DATABASE_URL: url, INQUIRIES_PER_10_MINUTES: "0", ...env } });
    afterEach(async () => {
      await cluster.start();
      await cluster.empty(url);
    });

    test("has nothing in a file; two of them send one daily mail and raise one alarm, and whoever stops leaves the rest to the other", async () => {
      const sites = [await build(), await build()];
      const [one, other] = sites as [(typeof sites)[0], (typeof sites)[0]];
      await postForm(one, { name: "www.advert.example" });
      expect(existsSync(storeFile(one.config))).toBe(false);
      const pass = async (site: typeof one, at: string) => {
        site.clock.now = new Date(at);
        await site.delivery.deliverDue();
        await site.afterPass();
      };
      for (const site of sites) await pass(site, "2026-11-25T08:00:00Z");
      await Promise.all(sites.map((site) => pass(site, "2026-11-26T08:00:00Z")));
      expect(sites.flatMap(({ mailbox }) => mailbox).map(({ subject }) => subject)).toEqual([expect.stringContaining("1 set aside")]);
      await postForm(other, { name: "www.second.example" });
      await (one.mailbox.length > 0 ? one : other).close();
      const left = one.mailbox.length > 0 ? other : one;
      await pass(left, "2026-11-27T08:00:00Z");
      expect(left.mailbox).toHaveLength(1);
      await left.close();
    });

    test("an inquiry that comes while the server restarts, or whose connection is cut, is stored once", async () => {
      const site = await build();
      await postForm(site, { message: "before" });
      const cut = cluster.ask(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename = 'site'",
      );
      await Promise.all([cut.catch(() => undefined), ...["a", "b", "c"].map((message) => postForm(site, { message }))]);
      await cluster.stop("immediate");
      const during = postForm(site, { message: "during the restart" });
      await cluster.start();
      await during;
      const store = await open();
      expect((await store.list()).map(({ message }) => message).sort()).toEqual(["a", "b", "before", "c", "during the restart"]);
      await store.close();
      await site.close();
    });
  });
});
