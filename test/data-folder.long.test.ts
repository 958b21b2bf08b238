// A data folder on a full or read-only disk. These tests mount file systems, so they run as root.

import { execFileSync, spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { hiddenFields } from "../src/inquiries/form.ts";
import { runCommand } from "./support/command.ts";
import { need } from "./support/needs.ts";
import { opened } from "./support/opened.ts";
import { startProcess, submit } from "./support/process.ts";
import { filledForm, productionEnv, temporaryFolder } from "./support/site.ts";
import { startSmtpPeer } from "./support/smtp-peer.ts";
import { openStore } from "./support/store.ts";

/** Mounts a small file system in memory until the file ends. Returns its folder. */
async function smallDisk(size: string): Promise<string> {
  const { dir } = await temporaryFolder();
  execFileSync("/usr/bin/mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", dir], {
    stdio: "ignore",
  });
  opened.defer(() => void execFileSync("/usr/bin/umount", [dir]));
  return dir;
}

/** Writes until the disk is full. */
const fill = (file: string) => void spawnSync("cp", ["/dev/zero", file]);

need(process.getuid?.() === 0, "root, to mount small file systems");

test("a disk that is full costs a 503, and no restart", async () => {
  const dir = await smallDisk("2m");
  const peer = await startSmtpPeer();
  const site = await startProcess({
    DATA_DIR: dir,
    SMTP_URL: peer.url,
    SMTP_REQUIRE_TLS: "false",
    INQUIRIES_PER_10_MINUTES: "0",
    INQUIRIES_PER_HOUR_TOTAL: "0",
  });
  const before = await submit(site.origin, { message: "while there is room" });
  expect(before.status).toBe(303);
  await peer.waitFor(1);

  fill(path.join(dir, "filler"));
  // Some more may fit into free pages of the write-ahead log.
  const full = (number: number) =>
    submit(site.origin, { message: `number ${number}. ${"words ".repeat(800)}` });
  let accepted = 0;
  let refused = await full(0);
  for (; refused.status === 303 && accepted < 500; refused = await full(accepted)) accepted += 1;
  expect(refused.status).toBe(503);
  expect(refused.retryAfter).not.toBeNull();
  expect(refused.html).toContain(`number ${accepted}. words words`);
  expect((await full(9_999)).status).toBe(503);
  expect((await fetch(`${site.origin}/articles`)).status).toBe(200);

  rmSync(path.join(dir, "filler"));
  expect((await full(accepted)).status).toBe(303);
  await submit(site.origin, { message: "when there is room again" });
  expect((await fetch(`${site.origin}${before.location}`)).status).toBe(200);
  await peer.waitFor(accepted + 3);
  const texts = peer.mails.map(({ text }) => text).join("\n");
  expect(texts).toMatch(/while there is room[^]*when there is room again/);
}, 150_000);

test("started on a full disk, production serves articles", async () => {
  const dir = await smallDisk("1m");
  const settings = { DATA_DIR: dir, HOST: "127.0.0.1" };
  const command = (script: string, ...args: string[]) => runCommand(script, args, settings);
  const before = await startProcess(settings);
  await submit(before.origin);
  await before.stop();
  fill(path.join(dir, "filler"));

  const full = expect.stringMatching(/^\S*inquiries\.db cannot be .*(disk|space).*\n$/) as string;
  for (const args of [["list"], ["erase", filledForm.email, "--yes"]])
    expect(await command("inquiries", ...args)).toEqual({ code: 1, out: "", err: full });
  const doctor = await command("doctor");
  expect(doctor.code).toBe(1);
  expect(doctor.out).toMatch(/^FAIL {2}\S*inquiries\.db cannot be .*(disk|space)/m);
  expect(doctor.out).toMatch(/^FAIL {2}disk: 0 MB free .*: free some space/m);
  expect(doctor.err).toBe("");

  const site = await startProcess({ ...productionEnv, ...settings });
  expect((await fetch(`${site.origin}/articles`)).status).toBe(200);
  expect((await submit(site.origin, { email: "priya@cleansystems.dk" })).status).toBe(503);
  rmSync(path.join(dir, "filler"));
  while ((await fetch(`${site.origin}/readyz`)).status !== 200) await sleep(100); // opened again
  const email = "priya@cleansystems.dk";
  const confirmed = { email, [hiddenFields.replyTo]: email }; // so that the DNS does not matter
  expect((await submit(site.origin, confirmed)).status).toBe(303);
  expect(await site.stop()).toBe(0);
}, 120_000);

test("a store on a read-only medium is reported in a sentence", async () => {
  const dir = await smallDisk("2m");
  const command = (...args: string[]) => runCommand("inquiries", args, { DATA_DIR: dir });
  await (await openStore(dir)).close(); // creates it
  execFileSync("/usr/bin/mount", ["-o", "remount,ro", dir], { stdio: "ignore" });
  expect(await command("list")).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^\S+ cannot be used \(EROFS\): .* a writable disk .*\n$/),
  });
});

test("while another process locks the store, a form gets a page that says so", async () => {
  const { dir } = await temporaryFolder();
  const site = await startProcess({ DATA_DIR: dir });
  using other = new DatabaseSync(path.join(dir, "inquiries.db"));
  other.exec("begin immediate");
  const { status, html } = await submit(site.origin, { message: "while it is locked" });
  expect(status).toBe(503);
  expect(html).toContain("while it is locked");
  expect(html).toContain("We couldn’t save your message.");
}, 60_000);
