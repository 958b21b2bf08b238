// The systemd units of docs/going-live, checked by systemd-analyze with programs that exist here.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { need } from "./support/needs.ts";
import { temporaryFolder } from "./support/site.ts";
import { startWebhook } from "./support/webhook.ts";

const source = path.resolve(import.meta.dirname, "../docs/going-live");
const units = readdirSync(source).filter((name) => /\.(service|socket|timer)$/.test(name));
const hardened = units.filter((name) => /^clean-systems[^@]*\.service$/.test(name));

need(spawnSync("systemd-analyze", ["--version"]).status === 0, "systemd-analyze (systemd)");

describe("the systemd units", () => {
  let dir: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ dir, remove } = await temporaryFolder());
    for (const name of units) {
      const text = readFileSync(path.join(source, name), "utf8");
      writeFileSync(
        path.join(dir, name),
        text.replace(/^(ExecStart=)\/(?:srv|usr\/local)\/\S+/gm, "$1/bin/true"),
      );
    }
    for (const name of hardened) {
      mkdirSync(path.join(dir, `${name}.d`));
      cpSync(path.join(source, "hardening.conf"), path.join(dir, `${name}.d/hardening.conf`));
    }
  });
  afterAll(() => remove());

  const analyze = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("systemd-analyze", args, {
      cwd: dir,
      encoding: "utf8",
    });
    return { status, output: stdout + stderr };
  };

  test("systemd accepts every line of them", () => {
    expect(analyze("verify", ...units.map((name) => path.join(dir, name)))).toEqual({
      status: 0,
      output: "",
    });
  });

  test.each(hardened)("the exposure of %s is at most 2.0 of 10", (name) => {
    const options = ["--offline=true", "--threshold=20"];
    expect(analyze("security", ...options, path.join(dir, name))).toMatchObject({ status: 0 });
  });

  test("the backup unit deletes old copies, of killed deployments too, even if the new copy fails", () => {
    const text = readFileSync(path.join(source, "clean-systems-backup.service"), "utf8");
    const old = path.join(dir, "backups/trial/inquiries.db-wal");
    mkdirSync(path.dirname(old), { recursive: true });
    writeFileSync(old, "");
    utimesSync(old, 0, 0);
    // As systemd: one command after the other, up to the first that fails. There is no node here.
    for (const [, line = ""] of text.matchAll(/^ExecStart=(.+)/gm)) {
      const command = line
        .replaceAll("/var/lib/clean-systems-backups", path.join(dir, "backups"))
        .replaceAll("/srv/site", path.join(dir, "nothing"))
        .replaceAll("$$", "$")
        .replaceAll("%%", "%");
      if (spawnSync("sh", ["-c", command], { cwd: dir }).status !== 0) break;
    }
    expect(existsSync(old)).toBe(false);
  });

  test("a unit that fails calls the webhook with a text that names it", async () => {
    for (const name of ["clean-systems-live-check", "clean-systems-backup", "pull-articles"])
      expect(readFileSync(path.join(source, `${name}.service`), "utf8")).toContain(
        "OnFailure=clean-systems-alert@%n.service",
      );
    const webhook = await startWebhook();
    const unit = readFileSync(path.join(source, "clean-systems-alert@.service"), "utf8");
    const call = /^ExecStart=(\/usr\/bin\/curl(?:[^\n]*\\\n)*[^\n]*)/m.exec(unit)?.[1] ?? "no call";
    // As systemd: in quotes too, its variables and specifiers are replaced.
    const command = call
      .replaceAll("%i", "clean-systems-backup.service")
      .replaceAll("${SITE_URL}", "https://cleansystems.dk")
      .replaceAll("${ALERT_WEBHOOK_URL}", webhook.url);
    const child = spawn("sh", ["-c", command], { stdio: "inherit" });
    expect(await once(child, "close")).toEqual([0, null]);
    webhook.close();
    expect(webhook.calls).toEqual([
      {
        text: "https://cleansystems.dk: clean-systems-backup.service failed. To see why: journalctl -u clean-systems-backup.service -o cat -n 20",
      },
    ]);
  });
});
