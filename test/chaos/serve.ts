// The site as src/main.ts starts it, for the chaos harness: with short leases and retries, and a
// send is abandoned after 800 ms, but not ended. With --calm leases and sends may take as long as
// in production, so that a slow machine cannot cause a repeat.

import { setTimeout as sleep } from "node:timers/promises";
import type { AddressInfo } from "node:net";
import { parseConfig } from "../../src/config.ts";
import { workerTimes } from "../../src/inquiries/jobs/worker.ts";
import {
  createMailSender,
  sendDeadlineMs,
  type SendResult,
} from "../../src/inquiries/mail/smtp.ts";
import { createLog } from "../../src/log.ts";
import { buildSite } from "../../src/site.ts";

const calm = process.argv.includes("--calm");
const timings: Partial<typeof workerTimes> = {
  leaseMs: calm ? workerTimes.leaseMs : 2_300,
  firstRetryMs: 50,
  maxRetryMs: 400,
  pauseMs: 300,
};
const abandonedAfterMs = calm ? sendDeadlineMs : 800;

const config = parseConfig(process.env);
const send = createMailSender(config);
const site = await buildSite(
  config,
  {
    sendMail: (mail) =>
      Promise.race([
        send(mail),
        sleep(abandonedAfterMs, {
          sent: false,
          failure: "temporary",
          reason: "ETIMEDOUT",
        } satisfies SendResult),
      ]),
    clock: () => new Date(),
    log: createLog("info", "json", (line) => process.stdout.write(line)),
  },
  timings,
);
site.server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`port=${(site.server.address() as AddressInfo).port}\n`);
});
site.worker.start();
