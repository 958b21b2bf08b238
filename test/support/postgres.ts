// Starts a PostgreSQL server for a test run, from Debian's package: a cluster in a temporary folder
// that listens on a socket there.

import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chownSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Client } from "pg";
import { memory } from "./memory.ts";
import { need } from "./needs.ts";
import { opened } from "./opened.ts";
import { freePort } from "./process.ts";
import { certificateFile, keyFile } from "./smtp-peer.ts";

const programs = globSync("/usr/lib/postgresql/*/bin/initdb").sort((a, b) =>
  a.localeCompare(b, "en", { numeric: true }),
);
const bin = path.dirname(programs.at(-1) ?? "");

export type Cluster = Awaited<ReturnType<typeof startCluster>>;

/** Starts a server that listens on a socket and a port, until the test file ends. */
export async function startCluster() {
  need(bin !== ".", "PostgreSQL 15 or newer (postgresql)");
  // PostgreSQL does not run as root, so it runs as Debian's user nobody.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const dir = mkdtempSync(path.join(memory, "postgres-"));
  if (user.uid) chownSync(dir, user.uid, user.gid);
  const data = path.join(dir, "data");
  const flags = "--auth=trust --username=site --encoding=UTF8 --locale=C.UTF-8 --no-sync";
  const asUser = { ...user, cwd: dir };
  const args = ["--pgdata", data, ...flags.split(" ")];
  execFileSync(`${bin}/initdb`, args, { ...asUser, stdio: "pipe" });
  const port = await freePort();
  const settings = [
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    `unix_socket_directories = '${dir}'`,
    "max_wal_size = '64MB'",
    "min_wal_size = '32MB'",
  ];
  appendFileSync(path.join(data, "postgresql.conf"), `${settings.join("\n")}\n`);
  const files = { "server.crt": certificateFile, "server.key": keyFile }; // for `ssl`, which is off
  for (const [name, from] of Object.entries(files)) {
    const to = path.join(data, name);
    writeFileSync(to, readFileSync(from), { mode: 0o600 });
    if (user.uid) chownSync(to, user.uid, user.gid);
  }

  let server: ChildProcess | undefined;
  let output = "";
  const runs = () => server?.exitCode === null && server.signalCode === null;

  /** Starts the server if it is stopped. Resolves once it accepts connections. */
  async function start(): Promise<void> {
    if (runs()) return;
    const stdio = ["ignore", "ignore", "pipe"] as ["ignore", "ignore", "pipe"];
    const started = spawn(`${bin}/postgres`, ["-D", data], { ...asUser, stdio });
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
  /** Stops the server at once: the next start recovers as after a crash. */
  async function stop(): Promise<void> {
    if (!server || !runs()) return;
    const exit = once(server, "exit");
    server.kill("SIGQUIT");
    await exit;
  }

  const urlOf = (database: string) => `postgres:///${database}?host=${dir}&user=site&port=${port}`;

  const ask = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };

  /** Changes a setting, and waits until new connections have it. */
  async function set(name: string, value: "on" | "off"): Promise<void> {
    const url = urlOf("postgres");
    await ask(url, `alter system set ${name} = ${value}`);
    await ask(url, "select pg_reload_conf()");
    while ((await ask(url, `show ${name}`))[0]?.[name] !== value);
  }

  /** Sends a signal to every process of the server. SIGSTOP makes it hang. */
  const signalAll = (signal: NodeJS.Signals) => {
    if (!runs()) return;
    const children = readFileSync(`/proc/${server?.pid}/task/${server?.pid}/children`, "utf8")
      .trim()
      .split(" ");
    for (const pid of [String(server?.pid), ...children].filter(Boolean))
      try {
        process.kill(Number(pid), signal);
      } catch (error) {
        // A connection's process may have ended since it was listed.
        if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      }
  };

  /** This has no effect if the server is stopped and its files are gone. */
  async function remove(): Promise<void> {
    await stop();
    rmSync(dir, { recursive: true, force: true });
  }

  let databases = 0;
  opened.defer(remove);
  await start();
  return {
    dir,
    start,
    stop,
    port,
    set,
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    ask,
    /** Runs a program of PostgreSQL. Returns what it printed. */
    run: (program: string, ...args: string[]) =>
      execFileSync(`${bin}/${program}`, args, { cwd: dir, encoding: "utf8" }),
    urlOf,
    /** Creates an empty database. Returns its URL. */
    async createDatabase(): Promise<string> {
      const name = `site_${(databases += 1)}`;
      await ask(urlOf("postgres"), `create database ${name}`);
      return urlOf(name);
    },
    /** Removes everything from a database. */
    empty: (url: string) => ask(url, "drop schema public cascade; create schema public"),
    remove,
  };
}
