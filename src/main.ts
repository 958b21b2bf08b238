// Starts the process: settings, the site, the port, and stopping in order.

import { once } from "node:events";
import type { Server } from "node:http";
import { enableCompileCache } from "node:module";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { Config } from "./config.ts";

enableCompileCache(path.join(import.meta.dirname, "../node_modules/.cache/compile")); // a second start takes half the time

const { fail, readConfig, shownPath, shownStore } = await import("./cli/environment.ts");
const { createLog } = await import("./log.ts");
const { buildSite, createMailSender } = await import("./site.ts");

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLog(config.logLevel, config.production ? "json" : "readable", (line) => process.stdout.write(line));
  const site = await buildSite(config, {
    sendMail: createMailSender(config),
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    log,
  });
  site.server.listen(config.port, config.host);
  await once(site.server, "listening"); // or throws why it cannot
  const { port } = site.server.address() as AddressInfo;

  log.info(`inquiries are kept in ${shownStore(config)}`);
  if (!config.smtpUrl) log.info(`SMTP_URL is not set: mails are written to ${shownPath(config.mailDir)} as .eml files`);
  if (config.development) log.info("drafts and scheduled articles are shown, with a mark: this is `npm run dev`");
  log.info({ port, ms: Math.round(performance.now()) }, `listening at ${addressOf(config, port)}`);

  site.delivery.start();
  site.watchFiles();

  let stopping = false;
  const stop = async (signal: string, exitCode: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info(`${signal}: finishing what is in hand`);
    await Promise.all([closeServer(site.server, config.development ? 0 : 10_000), site.delivery.stop()]);
    await site.close();
    process.exit(exitCode);
  };
  process.on("SIGTERM", () => void stop("SIGTERM", 0));
  process.on("SIGINT", () => void stop("SIGINT", 0));
  process.on("uncaughtException", (error) => {
    log.error({ err: error }, "uncaught error: the process stops in order and should be started again");
    void stop("uncaught error", 1);
  });
}

/**
 * No new connections, idle ones closed at once, and some time for requests in flight: plain close() served on for 6.7 s.
 * The process ends after it, so the timers are left as they are.
 */
async function closeServer(server: Server, lastMs: number): Promise<void> {
  // A connection that was busy just now becomes idle and would be kept alive: close each when its answer is out.
  server.on("request", (_request, response) => response.setHeader("Connection", "close"));
  setInterval(() => server.closeIdleConnections(), 100);
  setTimeout(() => server.closeAllConnections(), lastMs);
  server.close();
  await once(server, "close");
}

function addressOf(config: Config, port: number): string {
  if (config.production) return config.siteUrl;
  return `http://${config.host === "0.0.0.0" ? "localhost" : config.host}:${port}`;
}

await main().catch(fail);
