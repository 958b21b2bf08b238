// Starts the process: reads the configuration, builds the site, listens, and stops on signals.

import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { explain, networkOrigins, readConfig, refuseForgottenFile } from "./startup.ts";
import { watchLibrary } from "./articles/library.ts";
import type { Config } from "./config.ts";
import { createDomainLookup } from "./inquiries/email-address.ts";
import { createMailSender } from "./inquiries/mail/smtp.ts";
import { createLog, type Log } from "./log.ts";
import { buildSite } from "./site.ts";
import { closeServer } from "./web/server.ts";

/** How long requests and the mail in progress may take after a stop signal. */
const stopTimeoutMs = 10_000;

async function main(): Promise<void> {
  // The error is EPIPE if the reader of the log has exited. Logging it would raise it again.
  process.stdout.on("error", () => {});
  const config = readConfig(process.env, process.argv.includes("--dev"));
  refuseForgottenFile(config);
  const log = createLog(config.logLevel, config.production ? "json" : "readable", (line) =>
    process.stdout.write(line),
  );
  const clock = () => new Date();
  const site = await buildSite(config, {
    sendMail: createMailSender(config),
    ...(config.production && { lookUpDomain: createDomainLookup() }),
    clock,
    log,
  });
  const port = await listen(site.server, config);
  const stopping = reasonToStop(log);

  if (!config.smtpUrl)
    log.info(`SMTP_URL is not set: mails are written to ${config.mailDir} as .eml files`);
  if (config.development) {
    log.info("npm run dev: drafts and scheduled articles are shown and marked");
    for (const origin of networkOrigins(config.host, port))
      log.info(`a phone in the same network opens ${origin}`);
  }
  log.info({ port, ms: Math.round(performance.now()) }, `listening at ${config.siteUrl}`);

  site.library.prepareSearch().catch((error: unknown) => {
    log.error({ err: error }, "the articles cannot be searched");
  });
  site.worker.start();
  watchLibrary(site.library, log);
  const { WATCHDOG_USEC } = process.env;
  if (WATCHDOG_USEC) setInterval(() => notifyWatchdog(log), Number(WATCHDOG_USEC) / 3_000);

  const { reason, exitCode } = await stopping;
  log.info(`${reason}: finishing the requests and the mail in progress`);
  const [, mailFinished] = await Promise.all([
    closeServer(site.server, config.development ? 0 : stopTimeoutMs),
    Promise.race([site.worker.stop().then(() => true), sleep(stopTimeoutMs, false)]),
  ]);
  if (!mailFinished)
    log.warn(
      "the mail in progress did not finish in time and will be sent again when its lease expires",
    );
  await site.close(); // closing makes SQLite checkpoint its write-ahead log
  process.exit(exitCode);
}

/**
 * Tells systemd that this process runs. The program systemd-notify does it, because Node can't
 * write to a Unix datagram socket.
 */
function notifyWatchdog(log: Log): void {
  const program = spawn("systemd-notify", ["WATCHDOG=1"], { stdio: "ignore" });
  program.on("error", (error) => log.error({ err: error }, "systemd-notify cannot be started"));
}

/** Listens on the socket that systemd passes (sd_listen_fds(3)), or else on HOST and PORT. */
async function listen(server: Server, config: Config): Promise<number> {
  const { LISTEN_PID, LISTEN_FDS } = process.env;
  const fromSystemd = LISTEN_PID === String(process.pid) && Number(LISTEN_FDS) > 0;
  if (fromSystemd)
    server.listen({ fd: 3, backlog: 4_096 }); // systemd's default is a backlog of 4,096
  else server.listen(config.port, config.host);
  await once(server, "listening"); // this rejects if the server cannot listen
  return (server.address() as AddressInfo).port;
}

/**
 * Resolves with the first reason to stop. Further ones don't count: a terminal sends Ctrl-C to npm
 * and to us, and npm forwards it.
 */
function reasonToStop(log: Log): Promise<{ reason: string; exitCode: number }> {
  return new Promise((resolve) => {
    for (const reason of ["SIGINT", "SIGTERM"] as const)
      process.on(reason, () => resolve({ reason, exitCode: 0 }));
    process.on("uncaughtException", (error) => {
      log.error({ err: error }, "uncaught error: the process shuts down and has to be restarted");
      resolve({ reason: "uncaught error", exitCode: 1 });
    });
  });
}

await main().catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});
