// Two instances that share a PostgreSQL behind a cache, as docs/postgresql.md describes. The nginx configuration and the script that pulls
// the articles are those of docs/going-live, with other ports and paths.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Agent, request, type IncomingMessage } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { articleFile } from "../support/articles.ts";
import { describeWith } from "../support/needs.ts";
import { nginx, nginxNeeded } from "../support/nginx.ts";
import { hasPostgres, startCluster, type Cluster } from "../support/postgres.ts";
import { freePort, startProcess, submit, type SiteProcess } from "../support/process.ts";
import { sent } from "../support/sent.ts";
import { temporaryFolder } from "../support/site.ts";

const projectDir = path.resolve(import.meta.dirname, "../..");
describeWith(
  hasPostgres && nginx !== "",
  `PostgreSQL, and ${nginxNeeded}`,
  "two instances behind a cache",
  () => {
    let dir: string;
    let remove: () => Promise<void>;
    let cluster: Cluster;
    let proxy: ChildProcess;
    let cached: string;
    let ports: number[];
    const instances: SiteProcess[] = [];
    const names = ["one", "other"];
    const at = (...parts: string[]) => path.join(dir, ...parts);
    const git = (cwd: string, ...args: string[]) =>
      execFileSync("git", ["-c", "user.name=Test", "-c", "user.email=test@localhost", ...args], {
        cwd,
        stdio: "pipe",
      });

    const start = async (index: number) => {
      const name = names[index] ?? "";
      instances[index] = await startProcess({
        DATABASE_URL: cluster.urlOf("site_1"),
        DATA_DIR: at("data", name),
        ARTICLES_DIR: at(name, "articles"),
        SITE_URL: "http://localhost:3000",
        PORT: String(ports[index]),
        TRUST_PROXY: "1",
      });
    };

    /** Pulls the articles to every instance with the script of the docs. */
    function pull(): void {
      for (const name of names) {
        const documented = readFileSync(
          path.join(projectDir, "docs/going-live/pull-articles"),
          "utf8",
        );
        writeFileSync(
          at(`pull-${name}`),
          documented.replaceAll("/srv/articles", at(name)).replaceAll("/srv/site", projectDir),
        );
        chmodSync(at(`pull-${name}`), 0o755);
        execFileSync(at(`pull-${name}`), { stdio: ["ignore", 2, 2] });
      }
    }
    function publish(name: string, source: string): void {
      writeFileSync(at("author/articles", name), source);
      git(at("author"), "add", "--all");
      git(at("author"), "commit", "--quiet", "--message", name);
      git(at("author"), "push", "--quiet", "origin", "HEAD");
      pull();
    }

    beforeAll(async () => {
      ({ dir, remove } = await temporaryFolder());
      cluster = await startCluster();
      await cluster.createDatabase();
      execFileSync("git", ["init", "--quiet", "--bare", at("origin")]);
      execFileSync("git", ["clone", "--quiet", at("origin"), at("author")], { stdio: "pipe" });
      cpSync(path.join(projectDir, "articles"), at("author/articles"), { recursive: true });
      git(at("author"), "add", "--all");
      git(at("author"), "commit", "--quiet", "--message", "articles");
      git(at("author"), "push", "--quiet", "origin", "HEAD");
      for (const name of names)
        execFileSync("git", ["clone", "--quiet", at("origin"), at(name)], { stdio: "pipe" });

      ports = [await freePort(), await freePort()];
      await Promise.all([start(0), start(1)]);
      const port = await freePort();
      cached = `http://127.0.0.1:${port}`;
      const documented = readFileSync(
        path.join(projectDir, "docs/going-live/nginx-two-instances.conf"),
        "utf8",
      );
      const configuration = documented
        .replace("127.0.0.1:3001", `127.0.0.1:${ports[0]}`)
        .replace("127.0.0.1:3002", `127.0.0.1:${ports[1]}`)
        .replace("listen 3000", `listen 127.0.0.1:${port}`);
      mkdirSync(at("nginx"));
      writeFileSync(
        at("nginx.conf"),
        process.getuid?.() === 0 ? `user root;\n${configuration}` : configuration,
      );
      proxy = spawn(nginx, ["-p", at("nginx"), "-e", "stderr", "-c", at("nginx.conf")], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      for (let live = false; !live;)
        live = await fetch(`${cached}/livez`).then(
          ({ ok }) => ok,
          () => false,
        );
    });
    afterAll(async () => {
      proxy.kill("SIGTERM");
      await once(proxy, "close");
      for (const { child, exit } of instances) {
        child.kill("SIGTERM");
        await exit;
      }
      await cluster.remove();
      await remove();
    });

    const decoders: Record<string, (body: Buffer) => Buffer> = {
      br: brotliDecompressSync,
      gzip: gunzipSync,
      identity: (body) => body,
    };

    test("both instances send the same bytes and ETags, and accept the ETags of each other", async () => {
      const sitemap = (await sent(`${instances[0]?.origin}/sitemap.xml`, {})).body.toString();
      const listed = [...sitemap.matchAll(/<loc>http:\/\/localhost:3000([^<]*)<\/loc>/g)].map(
        ([, address]) => address || "/",
      );
      const content = [...listed, "/feed.atom", "/sitemap.xml"];
      expect(content.length).toBeGreaterThan(20);
      for (const address of content) {
        for (const [coding, decode] of Object.entries(decoders)) {
          const asked = { "Accept-Encoding": coding };
          const [one, other] = await Promise.all(
            instances.map(({ origin }) => sent(origin + address, asked)),
          );
          if (!one || !other) throw new Error("no response");
          const where = { address, coding };
          expect({ ...where, etag: other.headers["etag"] }).toEqual({
            ...where,
            etag: one.headers["etag"],
          });
          const [ours, theirs] = [one, other].map(({ body, headers }) =>
            decode(headers["content-encoding"] ? body : decoders["identity"]!(body)),
          );
          expect(ours?.equals(theirs ?? Buffer.alloc(0))).toBe(true);
          const known = await sent(`${instances[1]?.origin}${address}`, {
            ...asked,
            "If-None-Match": one.headers["etag"] ?? "",
          });
          expect({ ...where, status: known.status }).toEqual({ ...where, status: 304 });
        }
      }
    });

    test("an inquiry that is sent to both instances at once is stored once, and both show its receipt", async () => {
      const receipts = await Promise.all(instances.map(({ origin }) => submit(origin)));
      expect(receipts.map(({ status }) => status)).toEqual([303, 303]);
      expect(receipts[1]?.location).toBe(receipts[0]?.location);
      for (const { origin } of instances)
        expect((await fetch(origin + receipts[0]?.location)).status).toBe(200);
    });

    test("a saved article is on both instances within two seconds, and in the cache once its copy has expired", async () => {
      const shows = async (origin: string) =>
        (await (await fetch(`${origin}/`)).text()).includes("Saved just now");
      expect(await shows(cached)).toBe(false); // the home page is in the cache now, for 30 s
      const savedAt = Date.now();
      publish(
        "saved-just-now.md",
        articleFile({
          title: "Saved just now",
          author: "clean-systems",
          date: new Date().toISOString(),
        }),
      );
      const pulledAt = Date.now();
      for (const { origin } of instances)
        while (!(await shows(origin))) expect(Date.now() - pulledAt).toBeLessThan(2_000);
      expect((await fetch(`${cached}/articles/saved-just-now`)).status).toBe(200);
      while (!(await shows(cached))) {
        expect(Date.now() - savedAt).toBeLessThan(35_000);
        await sleep(250);
      }
    });

    test("a scheduled article appears within one second of its time, on both instances and through the cache", async () => {
      const instant = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 8_000);
      publish(
        "on-the-second.md",
        articleFile({
          title: "On the second",
          description: "It appears when it was announced. ".repeat(3),
          author: "clean-systems",
          date: instant.toISOString(),
        }),
      );
      const places = [cached, ...instances.map(({ origin }) => origin)];
      const shows = async (origin: string) =>
        (await (await fetch(`${origin}/feed.atom`)).text()).includes("On the second");
      // An instance notices a saved file within a second. What it sent before that, caches may use for 300 s.
      const maxAge = async (origin: string) => {
        const { headers } = await fetch(`${origin}/feed.atom`);
        return Number(/max-age=(\d+)/.exec(headers.get("cache-control") ?? "")?.[1]);
      };
      for (const { origin } of instances) while ((await maxAge(origin)) > 10) await sleep(50);
      while (Date.now() < instant.getTime() - 300) {
        expect(await Promise.all(places.map(shows))).toEqual([false, false, false]);
        await sleep(100);
      }
      // A response of the second before may be cached until the second of the instant is over. Timers may fire a millisecond early.
      await sleep(instant.getTime() + 1_050 - Date.now());
      expect(await Promise.all(places.map(shows))).toEqual([true, true, true]);
    });

    test("readers get no error while instances are killed three times under load", async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 32 });
      const statuses = new Map<string, number>();
      const read = async (address: string) => {
        const result = await once(request(cached + address, { agent }).end(), "response").then(
          async ([response]: IncomingMessage[]) => {
            await once(response?.resume() ?? agent, "close");
            return `${response?.complete ? response.statusCode : "cut"}`;
          },
          (error: Error) => error.message,
        );
        statuses.set(result, (statuses.get(result) ?? 0) + 1);
      };
      const until = Date.now() + 10_000;
      const reads: Promise<void>[] = [];
      const load = (async () => {
        // Half of them are searches, which are not cached.
        for (let number = 0; Date.now() < until; number += 1) {
          reads.push(read(number % 2 ? `/search?q=${number}` : "/articles"));
          await sleep(5);
        }
      })();
      for (let number = 0; number < 3; number += 1) {
        await sleep(1_800);
        const victim = instances[number % 2];
        victim?.child.kill("SIGKILL");
        await victim?.exit;
        await sleep(700);
        await start(number % 2);
      }
      await load;
      await Promise.all(reads);
      agent.destroy();
      process.stderr.write(
        `readers while instances died: ${JSON.stringify(Object.fromEntries(statuses))}\n`,
      );
      expect([...statuses.keys()]).toEqual(["200"]);
      expect(statuses.get("200")).toBeGreaterThan(500);
    });
  },
);
