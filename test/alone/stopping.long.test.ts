// Stopping the real process while visitors read and write, and while a mail server hangs.

import { once } from "node:events";
import { Agent } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { existsSync } from "node:fs";
import path from "node:path";
import { emptyAccount, visit } from "../support/load.ts";
import { startProcess, submit } from "../support/process.ts";
import { temporaryFolder } from "../support/site.ts";
import { openStore } from "../support/store.ts";

let dir: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(() => remove());

const noLimits = { INQUIRIES_PER_10_MINUTES: "0", INQUIRIES_PER_HOUR_TOTAL: "0" };

/** The references in the store. */
async function stored(): Promise<string[]> {
  const store = await openStore(dir);
  const references = (await store.list()).map(({ reference }) => reference);
  await store.close();
  return references.sort();
}

test("a process that is stopped ten times under load cuts no request and exits with 0", async () => {
  const account = emptyAccount();
  let number = 0;
  for (let round = 1; round <= 10; round += 1) {
    const site = await startProcess({ DATA_DIR: dir, ...noLimits });
    const agents = Array.from({ length: 24 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const next = (agent: Agent) => visit(agent, site.origin, (number += 1), account);
    // Connections in the kernel's queue are refused when a process ends, so all connect first. See socket-activation for the alternative.
    await Promise.all(agents.map(next));
    const visitors = agents.map(async (agent) => {
      while (await next(agent));
      agent.destroy();
    });
    const before = account.references.length;
    while (account.references.length < before + 20) {
      const { location } = await submit(site.origin, {
        message: `round ${round}, ${(number += 1)}`,
      });
      account.references.push(location.slice(-12));
    }
    site.child.kill("SIGTERM");
    site.child.kill("SIGTERM"); // as npm repeats the signal that it receives
    await Promise.all(visitors);
    expect(await site.exit).toBe(0);
    expect(site.output().match(/finishing the requests and the mail in progress/g)).toHaveLength(1);
    expect(site.output()).not.toMatch(/ (ERROR|error) /);
    expect(existsSync(path.join(dir, "inquiries.db-wal"))).toBe(false);
  }
  expect(account.cut).toEqual([]);
  expect(Object.keys(account.responses)).toEqual(["200", "303"]);
  expect(account.responses[200]).toBeGreaterThan(1_000);
  expect(await stored()).toEqual(account.references.sort());
}, 180_000);

test("a mail server that hangs does not prevent a stop, and the inquiry stays in the store", async () => {
  const deaf = createServer((socket) => socket.write("220 and not a word more\r\n")).listen(
    0,
    "127.0.0.1",
  );
  await once(deaf, "listening");
  const settings = { DATA_DIR: dir, SMTP_REQUIRE_TLS: "false" };
  const site = await startProcess({
    ...settings,
    SMTP_URL: `smtp://127.0.0.1:${(deaf.address() as AddressInfo).port}`,
  });
  const connected = once(deaf, "connection");
  const { location } = await submit(site.origin);
  await connected;
  site.child.kill("SIGTERM");
  expect(await site.exit).toBe(0);
  deaf.close();
  expect(site.output()).toContain("the mail in progress did not finish in time");
  expect(await stored()).toEqual([location.slice(-12)]);
});
