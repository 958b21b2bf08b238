// The site as src/main.ts starts it, for the chaos harness: with short leases and retries, and a
// send is abandoned after 800 ms, but not ended.

import { setTimeout as sleep } from "node:timers/promises";
import type { AddressInfo } from "node:net";
import { parseConfig } from "../../src/config.ts";
import type { workerTimes } from "../../src/inquiries/jobs/worker.ts";
import { createMailSender, type SendResult } from "../../src/inquiries/mail/smtp.ts";
import { createLog } from "../../src/log.ts";
import { buildSite } from "../../src/site.ts";

const timings: Partial<typeof workerTimes> = {
  leaseMs: 2_300,
  firstRetryMs: 50,
  maxRetryMs: 400,
  pauseMs: 300,
};
const abandonedAfterMs = 800;
const abandoned: SendResult = { sent: false, failure: "temporary", reason: "ETIMEDOUT" };

const config = parseConfig(process.env);
const send = createMailSender(config);
const site = await buildSite(
  config,
  {
    sendMail: (mail) => Promise.race([send(mail), sleep(abandonedAfterMs, abandoned)]),
    clock: () => new Date(),
    log: createLog("info", "json", (line) => process.stdout.write(line)),
  },
  timings,
);
site.server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`port=${(site.server.address() as AddressInfo).port}\n`);
});
site.worker.start();
