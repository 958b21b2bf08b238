// Starts the process: settings, the site, the port, and stopping in order.

import { once } from "node:events";
import type { RequestListener, Server } from "node:http";
import { enableCompileCache } from "node:module";
import { Server as NetServer, type AddressInfo } from "node:net";
import path from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Config } from "./config.ts";

enableCompileCache(path.join(import.meta.dirname, "../node_modules/.cache/compile")); // a second start takes half the time

const { fail, readConfig, shownPath } = await import("./cli/environment.ts");
const { createLog } = await import("./log.ts");
const { buildSite, createMailSender } = await import("./site.ts");

async function main(): Promise<void> {
  process.stdout.on("error", () => {}); // who read the log is gone: the form goes on, and complaining would complain again
  const config = readConfig();
  const log = createLog(config.logLevel, config.production ? "json" : "readable", (line) => process.stdout.write(line));
  const site = await buildSite(config, {
    sendMail: createMailSender(config),
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    log,
  });
  // A socket that systemd opened and keeps (sd_listen_fds(3)): between two processes connections wait in it.
  const { LISTEN_PID, LISTEN_FDS } = process.env;
  const inherited = LISTEN_PID === String(process.pid) && Number(LISTEN_FDS) > 0;
  if (inherited)
    site.server.listen({ fd: 3, backlog: 4_096 }); // as many as systemd lets wait
  else site.server.listen(config.port, config.host);
  await once(site.server, "listening"); // or throws why it cannot
  const { port } = site.server.address() as AddressInfo;

  log.info(`inquiries are kept in ${site.storeName}`);
  if (!config.smtpUrl) log.info(`SMTP_URL is not set: mails are written to ${shownPath(config.mailDir)} as .eml files`);
  if (config.development) log.info("drafts and scheduled articles are shown, with a mark: this is `npm run dev`");
  log.info({ port, ms: Math.round(performance.now()) }, `listening at ${addressOf(config, port)}`);

  site.delivery.start();
  site.watchFiles();
  const unprepared = (error: unknown) => log.error({ err: error }, "what the first readers would wait for could not be prepared");
  site.library.warmUp(new Date()).catch(unprepared);

  let stopping = false;
  let exitCode = 0;
  const stop = async (why: string): Promise<void> => {
    if (stopping) return; // a second signal is the same one
    stopping = true;
    log.info(`${why}: finishing what is in hand`);
    await finish().catch(fail);
  };
  const finish = async (): Promise<void> => {
    site.announceStop();
    const mail = site.delivery.stop().then(() => true);
    const [, mailIsOut] = await Promise.all([
      closeServer(site.server, config.development ? 0 : patienceMs),
      Promise.race([mail, sleep(patienceMs, false)]),
    ]);
    if (!mailIsOut) log.warn("the mail in hand was not out in time: it goes again, under the same Message-ID, when its lease is over");
    await site.close(); // SQLite writes its log back into the store
    process.exit(exitCode);
  };
  process.on("SIGTERM", () => void stop("SIGTERM"));
  process.on("SIGINT", () => void stop("SIGINT"));
  process.on("uncaughtException", (error) => {
    log.error({ err: error }, "uncaught error: the process stops in order and should be started again");
    exitCode = 1;
    void stop("uncaught error");
  });
}

/** How long requests and the mail in hand may take once the site stops. A visitor who waits for its successor waits as long. */
const patienceMs = 10_000;
/** Longer than it takes a client that was just answered to ask again. */
const quietMs = 200;

/**
 * No new connections, and on each open one the next answer is the last. Idle ones are cut, but not before nobody has asked for a moment:
 * http's own close() cuts them at once, and a request that crosses the cut is lost. What is in flight has `lastMs`.
 * The process ends after it, so the timers are left as they are.
 */
async function closeServer(server: Server, lastMs: number): Promise<void> {
  let asked = false;
  // First of the listeners: kept pages are answered within theirs.
  const lastOne: RequestListener = (_request, response) => {
    response.shouldKeepAlive = false;
    asked = true;
  };
  for (const event of ["request", "checkContinue"]) server.prependListener(event, lastOne);
  Object.assign(server, { keepAliveTimeout: quietMs, keepAliveTimeoutBuffer: 0 }); // for what was in flight already
  const closed = once(server, "close");
  NetServer.prototype.close.call(server);
  setTimeout(() => server.closeAllConnections(), lastMs + quietMs);
  do {
    asked = false;
    await Promise.race([closed, sleep(quietMs)]);
    await nextTurn(); // what has arrived by now is read
  } while (asked);
  server.closeIdleConnections();
  await closed;
}

function addressOf(config: Config, port: number): string {
  if (config.production) return config.siteUrl;
  return `http://${config.host === "0.0.0.0" ? "localhost" : config.host}:${port}`;
}

await main().catch(fail);
