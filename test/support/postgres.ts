// A PostgreSQL server of the test run's own, from Debian's package: a cluster in a temporary folder, reached by a socket in it.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "pg";
import { describeWith } from "./needs.ts";

const programs = globSync("/usr/lib/postgresql/*/bin/initdb").sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
const bin = path.dirname(programs.at(-1) ?? "");

export const hasPostgres = bin !== ".";
export const describeOnPostgres = (name: string, tests: () => void) =>
  describeWith(hasPostgres, "PostgreSQL (Debian: apt-get install postgresql)", name, tests);

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/** Starts a server with these lines in its postgresql.conf. It listens on a socket only, unless they say otherwise. */
export async function startCluster(...settings: string[]) {
  if (bin === ".") throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  // PostgreSQL refuses root; Debian's nobody is anybody else.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const roomy = existsSync("/dev/shm") && statfsSync("/dev/shm").bavail * statfsSync("/dev/shm").bsize > 1e9;
  const dir = mkdtempSync(path.join(roomy ? "/dev/shm" : tmpdir(), "postgres-"));
  if (user.uid) chownSync(dir, user.uid, user.gid);
  const data = path.join(dir, "data");
  const options = ["--auth=trust", "--username=site", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
  execFileSync(`${bin}/initdb`, ["--pgdata", data, ...options], { ...user, cwd: dir, stdio: "pipe" });
  const own = ["listen_addresses = ''", `unix_socket_directories = '${dir}'`, "max_wal_size = '64MB'", "min_wal_size = '32MB'"];
  appendFileSync(path.join(data, "postgresql.conf"), [...own, ...settings, ""].join("\n"));

  let server: ChildProcess | undefined;
  let output = "";
  const runs = () => server?.exitCode === null && server.signalCode === null;

  /** Starts the server where it was stopped, and resolves once it takes connections. */
  async function start(): Promise<void> {
    if (runs()) return;
    const started = spawn(`${bin}/postgres`, ["-D", data], { ...user, cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
    server = started;
    await new Promise<void>((resolve, reject) => {
      started.stderr.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-4_000);
        if (output.includes("is ready to accept connections")) resolve();
      });
      started.once("exit", () => reject(new Error(`PostgreSQL ended: ${output}`)));
    });
    output = "";
  }
  const atExit = () => void server?.kill("SIGQUIT");
  process.once("exit", atExit);

  /** As `pg_ctl stop` does it: immediate is a crash that the next start recovers from. */
  async function stop(mode: "fast" | "immediate" = "fast"): Promise<void> {
    if (!server || !runs()) return;
    const exit = once(server, "exit");
    server.kill(mode === "fast" ? "SIGINT" : "SIGQUIT");
    await exit;
  }

  const urlOf = (database: string, port = 5432) => `postgres:///${database}?host=${dir}&user=site&port=${port}`;

  /** Speaks TLS after the next reload. */
  function useCertificate(cert: string, key: string): void {
    for (const [from, to] of [
      [cert, "server.crt"],
      [key, "server.key"],
    ] as const) {
      writeFileSync(path.join(data, to), readFileSync(from), { mode: 0o600 });
      if (user.uid) chownSync(path.join(data, to), user.uid, user.gid);
    }
    appendFileSync(path.join(data, "postgresql.conf"), "ssl = on\n");
  }

  const ask = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };

  /** Stops every process of the server where it is, as a machine does that no longer gets time. */
  const signalAll = (signal: NodeJS.Signals) => {
    if (!runs()) return;
    const children = readFileSync(`/proc/${server?.pid}/task/${server?.pid}/children`, "utf8").trim().split(" ");
    for (const pid of [String(server?.pid), ...children].filter(Boolean)) process.kill(Number(pid), signal);
  };

  let databases = 0;
  await start();
  return {
    dir,
    data,
    start,
    stop,
    useCertificate,
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    ask,
    /** Whatever a program of PostgreSQL prints. */
    run: (program: string, ...args: string[]) => execFileSync(`${bin}/${program}`, args, { cwd: dir, encoding: "utf8" }),
    urlOf,
    /** Makes an empty database and answers its address. */
    async createDatabase(): Promise<string> {
      const name = `site_${(databases += 1)}`;
      await ask(urlOf("postgres"), `create database ${name}`);
      return urlOf(name);
    },
    /** Takes everything out of a database, as if it had just been made. */
    empty: (url: string) => ask(url, "drop schema public cascade; create schema public"),
    async remove(): Promise<void> {
      process.removeListener("exit", atExit);
      await stop("immediate");
      rmSync(dir, { recursive: true });
    },
  };
}
