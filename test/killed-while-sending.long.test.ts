// A process that dies while it sends a mail holds a lease of 150 s. This test waits until it ends.

import { createServer, type AddressInfo } from "node:net";
import { startProcess, submit } from "./support/process.ts";
import { temporaryFolder } from "./support/site.ts";
import { startSmtpPeer } from "./support/smtp-peer.ts";

test("a mail whose process was killed while sending is sent by the next process once the lease has ended, and not before", async () => {
  const { dir, remove } = await temporaryFolder();
  const settings = { DATA_DIR: dir, SMTP_REQUIRE_TLS: "false" };
  const deaf = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => deaf.once("listening", resolve));
  const port = (deaf.address() as AddressInfo).port;
  const first = await startProcess({ ...settings, SMTP_URL: `smtp://127.0.0.1:${port}` });
  const connected = new Promise((resolve) => deaf.once("connection", resolve));
  const { location } = await submit(first.origin);
  const claimedAt = Date.now();
  await connected;
  first.child.kill("SIGKILL");
  await first.exit;
  deaf.close();

  const peer = await startSmtpPeer();
  const second = await startProcess({ ...settings, SMTP_URL: peer.url });
  await peer.waitFor(1, 230_000);
  expect(Date.now() - claimedAt).toBeGreaterThan(145_000);
  expect(peer.mails.map(({ messageId }) => messageId)).toEqual([
    `<${location.slice(-12).toLowerCase()}@cleansystems.example>`,
  ]);
  second.child.kill("SIGTERM");
  expect(await second.exit).toBe(0);
  await peer.close();
  await remove();
}, 280_000);
