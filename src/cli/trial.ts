// The command `trial`: starts this release on a copy of a store, and looks whether visitors or
// staff would lose something. It needs no systemd, so a server, a container, a platform and CI call
// the same.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs, parseEnv } from "node:util";
import type { Config } from "../config.ts";
import { backupSqlite, countSqlite } from "../inquiries/store/sqlite.ts";
import { OperatorError } from "../operator-error.ts";
import { openStore, readConfig } from "../startup.ts";
import { urls } from "../urls.ts";
import { runProcess, siteAt, UsageError, type Call } from "./command.ts";
import { checkForm, request } from "./live-check.ts";
import { startMailServer, tryInquiry, until } from "./trial-mail.ts";
import { comparePages } from "./trial-pages.ts";

const help = `site trial [STORE] [OPTION…] [-- COMMAND…], elsewhere npm run trial -- …

Starts this release on a copy of STORE, an SQLite file that may be in use, or on an empty store. Reads
every page, sends an inquiry, and follows it to the mails, the digest and the staff page. No mail leaves
the machine, and the copy is deleted at the end.

  --compare URL     the running release: none of its pages may be lost
  --old FOLDER      the running release has to read the store as this one leaves it
  --force           lets pages be lost
  -- COMMAND…       starts the site, instead of what npm start runs
Exit codes: 0 nothing was found, 1 the last line says what is wrong, 2 wrong arguments.`;

/** How long a trial may take: ten times what the 372 addresses of this repository take. */
const limitMs = 300_000;

const projectDir = path.resolve(import.meta.dirname, "../..");

const options = {
  compare: { type: "string" },
  old: { type: "string" },
  force: { type: "boolean", default: false },
} as const;

async function main(call: Call): Promise<void> {
  const separator = call.args.indexOf("--");
  const ofTrial = separator === -1 ? call.args : call.args.slice(0, separator);
  const command = separator === -1 ? [] : call.args.slice(separator + 1);
  const { values, positionals } = parseArgs({ args: ofTrial, options, allowPositionals: true });
  const [source, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`"${rest[0]}" is an argument too many.\n\n${help}`);
  const running = values.compare === undefined ? undefined : siteAt(values.compare);
  for (const file of source ? [path.dirname(source), source] : []) checkAccess(file);

  const folder = mkdtempSync(path.join(tmpdir(), "clean-systems-trial-"));
  const children: ChildProcess[] = [];
  const cleanUp = () => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", cleanUp);
  const stopped = new Promise<never>((_resolve, reject) => {
    const stop = (why: string) => () => reject(new OperatorError(`the trial was ended ${why}`));
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
      process.on(signal, stop(`by ${signal}, and its copy is deleted`));
    setTimeout(stop(`because it took longer than ${limitMs / 1_000} s`), limitMs).unref();
  });
  try {
    await Promise.race([stopped, tryRelease()]);
  } finally {
    cleanUp();
  }

  async function tryRelease(): Promise<void> {
    const mailServer = await startMailServer();
    const site = new URL(`http://127.0.0.1:${await freePort()}`);
    const env = {
      ...call.env,
      DATA_DIR: folder,
      DATABASE_URL: "",
      HOST: site.hostname,
      PORT: site.port,
      SMTP_URL: mailServer.url,
      SMTP_REQUIRE_TLS: "false",
      INQUIRIES_PER_10_MINUTES: "0",
      INQUIRIES_PER_HOUR_TOTAL: "0",
      LOG_LEVEL: "error",
    };
    const config = readConfig(env);
    const { file } = config.storeSettings;
    if (source) {
      await backupSqlite(source, file);
      await migrate(config);
    }
    const ended = start(command, env, children);
    const working = (async () => {
      await until(`${urls.readyz} did not return 200`, () =>
        request(site, urls.readyz, 200).catch(() => undefined),
      );
      const { count, lost } = await comparePages(running, site);
      const some = `visitors would lose ${lost.slice(0, 3).join(", ")}, ${lost.length} in all`;
      if (lost.length > 0 && !values.force)
        throw new OperatorError(`${some}. If that is intended, use --force`);
      await tryInquiry(site, config, mailServer, settingOf("MAIL_TO", call.env, config));
      await checkForm(site, config, new Date());
      return count;
    })();
    // A request fails some milliseconds before it is known that the site has ended.
    working.catch(() => {});
    const count = await Promise.race([working, ended]).catch(async (error: unknown) => {
      await Promise.race([ended, sleep(500)]);
      throw error;
    });
    await backupSqlite(file, path.join(folder, "backup.db")); // the nightly backup does the same
    if (values.old) await readWith(values.old, env);
    call.print(
      `It responds at ${count} addresses. Mails, digest and staff page of an inquiry work.`,
    );
  }
}

/** Throws if this user or unit may not write the store, which a trial on a copy wouldn't show. */
function checkAccess(file: string): void {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new OperatorError(`this release could not read and write ${file} (${code})`);
  }
}

/** Opens the copy of the store as the release does. Throws if that loses an inquiry. */
async function migrate(config: Config): Promise<void> {
  const { file } = config.storeSettings;
  const count = () => JSON.stringify(countSqlite(file));
  const before = count();
  await (await openStore(config)).close();
  if (count() !== before)
    throw new OperatorError(
      `this release's migration deletes or changes inquiries: ${before} to ${count()}`,
    );
}

/** Starts the site. Rejects when it ends, and never resolves. */
async function start(
  command: string[],
  env: NodeJS.ProcessEnv,
  children: ChildProcess[],
): Promise<never> {
  const manifest = readFileSync(path.join(projectDir, "package.json"), "utf8");
  const { scripts } = JSON.parse(manifest) as { scripts: { start: string } };
  const [program = "", ...args] = command.length > 0 ? command : ["sh", "-c", scripts.start];
  const PATH = `${path.dirname(process.execPath)}:${env["PATH"]}`;
  const inherited = ["ignore", "inherit", "inherit"] as const;
  const child = spawn(program, args, {
    cwd: projectDir,
    env: { ...env, PATH },
    stdio: [...inherited],
  });
  children.push(child);
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  if (signal === "SIGKILL")
    throw new OperatorError("the site was killed (SIGKILL): it needs more memory than it may use");
  throw new OperatorError(`the site ended with ${signal ?? code}`);
}

/** Returns a setting as it is written in the environment or in .env. */
function settingOf(name: "MAIL_TO", env: NodeJS.ProcessEnv, config: Config): string {
  const file = path.join(projectDir, ".env");
  const written = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  return env[name] || written[name] || config.mailTo.map(({ address }) => address).join();
}

/** Tries the way back: the running release has to read the store as this one leaves it. */
async function readWith(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ["src/cli/inquiries.ts", "list"];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw new OperatorError(
      "going back would fail, because the running release cannot read the new store",
    );
}

/**
 * Finds a free port. If another process takes it before the site listens, the site ends and says
 * so.
 */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}

if (import.meta.main) await runProcess({ help, main });
