// The systemd units of ops, checked by systemd-analyze with programs that exist here.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { listen } from "./support/listen.ts";
import { need } from "./support/needs.ts";
import { temporaryFolder } from "./support/site.ts";
import { startWebhook } from "./support/webhook.ts";

const source = path.resolve(import.meta.dirname, "../ops");
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
        text.replace(/^(Exec(?:Start|StopPost)=\+?)\/(?:srv|usr\/local)\/\S+/gm, "$1/bin/true"),
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

  test("the nightly job deletes old copies, of killed deployments too, even if the new copy fails, and no list of erased inquiries", () => {
    const backups = path.join(dir, "backups");
    const old = path.join(backups, "trial/inquiries.db-wal");
    mkdirSync(path.dirname(old), { recursive: true });
    writeFileSync(old, "");
    const erased = path.join(backups, "erased-references.txt");
    writeFileSync(erased, "");
    for (const file of [old, erased]) utimesSync(file, 0, 0);
    // There is no node here.
    const env = { PATH: process.env["PATH"] ?? "", BACKUPS: backups, SITE: dir };
    expect(spawnSync(path.join(source, "backup"), { env }).status).not.toBe(0);
    expect([existsSync(old), existsSync(erased)]).toEqual([false, true]);
  });

  test("the nightly job copies the backups and the list of erased inquiries elsewhere, and fails if that fails", () => {
    const backups = path.join(dir, "backups");
    mkdirSync(path.join(dir, "node_modules/.bin"), { recursive: true });
    const node = '#!/bin/sh\necho copy >"$3"\n'; // node src/cli/inquiries.ts backup FILE
    writeFileSync(path.join(dir, "node_modules/.bin/node"), node, { mode: 0o755 });
    const env = { PATH: process.env["PATH"] ?? "", BACKUPS: backups, SITE: dir, DATA_DIR: dir };
    writeFileSync(path.join(dir, "erased-references.txt"), "CS-7F3K-9QXM\n");
    const run = (BACKUP_TO: string) =>
      spawnSync(path.join(source, "backup"), { env: { ...env, BACKUP_TO }, encoding: "utf8" });
    expect(run("false")).toMatchObject({
      status: 1,
      stdout: "BACKUP_TO failed\n",
    });
    expect(existsSync(path.join(backups, "off-site"))).toBe(false);
    expect(run("cat $(ls *.db | tail -n 1) erased-references.txt >../copied")).toMatchObject({
      status: 0,
    });
    expect(readFileSync(path.join(dir, "copied"), "utf8")).toBe("copy\nCS-7F3K-9QXM\n");
    expect(existsSync(path.join(backups, "off-site"))).toBe(true);
  });

  test("install names the installed files that differ from the release's, and only those", () => {
    const root = path.join(dir, "root");
    mkdirSync(path.join(root, "srv"), { recursive: true });
    writeFileSync(path.join(root, "srv/site.env"), "SITE_URL=https://nordhavn.dk\n");
    const diff = () =>
      spawnSync(path.join(source, "install"), ["--diff"], {
        env: { PATH: process.env["PATH"] ?? "", ROOT: root },
        encoding: "utf8",
      }).stdout;
    const files = diff()
      .split("\n  ")
      .slice(1)
      .map((line) => line.trim());
    expect(files).toContain("/etc/systemd/system/pull-articles.timer");
    const nginx = "/etc/nginx/sites-available/clean-systems";
    const owns = [
      ["/nginx/", "nginx.conf"],
      ["sudoers", "sudoers"],
      ["nginx.service", "nginx-restart.conf"],
    ] as const;
    for (const file of files) {
      const name = path.basename(file);
      const own = owns.find(([part]) => file.includes(part))?.[1] ?? name;
      mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
      const text = readFileSync(path.join(source, own), "utf8");
      writeFileSync(path.join(root, file), text.replaceAll("cleansystems.dk", "nordhavn.dk"));
    }
    expect(diff()).toBe("");
    writeFileSync(path.join(root, nginx), "changed");
    expect(diff()).toMatch(/To update them: \/srv\/site\S+install\n {2}\S+clean-systems\n$/);
  });

  test("install changes nothing the second time, and leaves the former files if nginx refuses a new one", () => {
    const root = path.join(dir, "machine");
    const release = path.join(dir, "release");
    const bin = path.join(dir, "machine/bin");
    for (const folder of ["srv/site", "srv/articles/.git", "usr/local/bin", "usr/local/sbin"])
      mkdirSync(path.join(root, folder), { recursive: true });
    for (const folder of [bin, `${root}/etc/nginx/sites-enabled`, `${release}/node_modules/.bin`])
      mkdirSync(folder, { recursive: true });
    cpSync(source, path.join(release, "ops"), { recursive: true });
    const certificate = path.join(root, "etc/letsencrypt/live/nordhavn.dk/fullchain.pem");
    mkdirSync(path.dirname(certificate), { recursive: true });
    const enabled = path.join(root, "etc/nginx/sites-enabled/clean-systems");
    for (const file of [certificate, path.join(release, ".env")]) writeFileSync(file, "");
    writeFileSync(path.join(root, "srv/site.env"), "SITE_URL=https://nordhavn.dk\n");
    const write = (file: string, text: string) => writeFileSync(file, text, { mode: 0o755 });
    write(path.join(release, "node_modules/.bin/node"), "#!/bin/sh\n");
    for (const name of ["dpkg", "getent", "systemctl", "curl"])
      write(path.join(bin, name), "#!/bin/sh\n");
    write(path.join(bin, "stat"), "#!/bin/sh\necho 640 clean-systems\n");
    write(path.join(bin, "nginx"), `#!/bin/sh\n! grep proxy_passs ${enabled} >&2\n`);
    const run = () => {
      const env = { PATH: `${bin}:${process.env["PATH"]}`, ROOT: root };
      const install = path.join(release, "ops/install");
      const { status, stdout } = spawnSync(install, { env, encoding: "utf8" });
      return { status, stdout };
    };
    const template = path.join(release, "ops/nginx.conf");
    const good = readFileSync(template, "utf8");
    const broken = good.replace("proxy_pass", "proxy_passs");
    const refused = { status: 1, stdout: expect.stringMatching(/nginx refuses/) as string };

    writeFileSync(template, broken);
    expect(run()).toEqual(refused);
    expect([existsSync(enabled), existsSync(path.join(root, "etc/systemd"))]).toEqual([
      false,
      false,
    ]);
    writeFileSync(template, good);
    expect(run()).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/changed: .*nginx\.service\.d.*\nchanged: .*sudoers/),
    });
    expect(run()).toEqual({ status: 0, stdout: "Nothing was changed.\n" });
    writeFileSync(template, broken);
    expect(run()).toEqual(refused);
    expect(readFileSync(enabled, "utf8")).toBe(good.replaceAll("cleansystems.dk", "nordhavn.dk"));
  });

  test("every job reports each of its runs, and the site each of its crashes", () => {
    const timers = units.filter((name) => name.endsWith(".timer"));
    const jobs = timers.map((name) => name.replace(".timer", ".service"));
    for (const name of [...jobs, "clean-systems.service"]) {
      const text = readFileSync(path.join(source, name), "utf8");
      expect(text).toContain("\nOnFailure=clean-systems-alert@%N-failed.service\n");
      expect(text).toContain("\nOnSuccess=clean-systems-alert@%N-passed.service\n");
    }
  });

  describe("the report on a job", () => {
    let webhook: Awaited<ReturnType<typeof startWebhook>>;
    let state: string;
    beforeEach(async () => {
      webhook = await startWebhook();
      state = path.join(dir, "alerts");
      mkdirSync(state);
      mkdirSync(path.join(dir, "bin"), { recursive: true });
      writeFileSync(path.join(dir, "bin/sleep"), "#!/bin/sh\n", { mode: 0o755 });
      const journal = `#!/bin/sh\n[ "$3" = _SYSTEMD_INVOCATION_ID=abc ] && echo "$OUTPUT"\n`;
      writeFileSync(path.join(dir, "bin/journalctl"), journal, { mode: 0o755 });
    });
    afterEach(() => {
      webhook.close();
      rmSync(state, { recursive: true });
    });

    /** Returns the texts that the webhook got after a run of the job with this result and output. */
    async function report(
      result: string,
      output: string,
      changes: Record<string, string> = {},
      exitCode = 0,
    ): Promise<string[]> {
      const env = {
        PATH: `${path.join(dir, "bin")}:${process.env["PATH"]}`,
        MONITOR_UNIT: "clean-systems-daily-check.service",
        MONITOR_SERVICE_RESULT: result,
        MONITOR_INVOCATION_ID: "abc",
        RUNTIME_DIRECTORY: state,
        SITE_URL: "https://cleansystems.dk",
        ALERT_WEBHOOK_URL: webhook.url,
        OUTPUT: output,
        ...changes,
      };
      const child = spawn(path.join(source, "report"), { env, stdio: "ignore" });
      expect(await once(child, "close")).toEqual([exitCode, null]);
      return webhook.calls.splice(0).map(({ text }) => text);
    }
    const words = (what: string) =>
      `https://cleansystems.dk: clean-systems-daily-check ${what}. The whole output: journalctl -u clean-systems-daily-check -o cat -n 20`;

    const failed = words("failed (exit-code)");

    test("is a call when it fails, when it fails in another way, each day, and when it works again", async () => {
      expect(await report("success", "PASS  disk: 9 GB free")).toEqual([]);
      const output = 'PASS  store\nFAIL  disk: 12 MB free in "/var\\lib"\nWARN  SPF\n';
      const cause = 'FAIL  disk: 12 MB free in "/var\\lib"\nWARN  SPF';
      expect(await report("exit-code", output)).toEqual([`${failed}\n${cause}`]);
      expect(await report("exit-code", output.replace("12", "9"))).toEqual([]);
      expect(await report("exit-code", `${output}FAIL  mail server: EAUTH`)).toEqual([
        `${words("fails in another way")}\nFAIL  mail server: EAUTH`,
      ]);
      expect(await report("exit-code", output)).toEqual([]);
      const file = path.join(state, "clean-systems-daily-check");
      const yesterday = Date.now() / 1_000 - 86_400;
      utimesSync(file, yesterday, yesterday);
      expect(await report("exit-code", output)).toEqual([`${words("still fails")}\n${cause}`]);
      expect(await report("success", "WARN  SPF")).toEqual([words("works again")]);
      expect(await report("success", "WARN  SPF")).toEqual([]);
    });

    test("is a call for a warning that the run before did not print", async () => {
      expect(await report("success", "WARN  the certificate ends in 13 days")).toEqual([
        `${words("warns")}\nWARN  the certificate ends in 13 days`,
      ]);
      expect(await report("success", "WARN  the certificate ends in 12 days")).toEqual([]);
      expect(await report("success", "PASS  certificate")).toEqual([]);
      expect(await report("success", "WARN  the certificate ends in 13 days")).toHaveLength(1);
    });

    test("has the output of a job that prints no FAIL, or says that it was killed", async () => {
      expect(await report("exit-code", "fatal: no such repository")).toEqual([
        `${failed}\nfatal: no such repository`,
      ]);
      rmSync(path.join(state, "clean-systems-daily-check"));
      const frames = "    at file:///srv/site/src/cli/backup.ts:9:1\n".repeat(12);
      expect(await report("exit-code", `Error: Cannot find package 'x'\n${frames}`)).toEqual([
        `${failed}\nError: Cannot find package 'x'`,
      ]);
      rmSync(path.join(state, "clean-systems-daily-check"));
      expect(await report("timeout", "")).toEqual([words("failed (timeout)")]);
    });

    test("is sent later if the webhook did not accept it, and until then there is no heartbeat", async () => {
      const heartbeat = { MONITOR_UNIT: "clean-systems-live-check.service" };
      const beats: string[] = [];
      const elsewhere = createServer((asked, response) => {
        beats.push(asked.url ?? "");
        response.end();
      });
      const HEARTBEAT_URL = `${await listen(elsewhere)}/beat`;
      const liveCheck = (result: string, exitCode: number, changes: Record<string, string> = {}) =>
        report(result, "PASS  live check", { ...heartbeat, HEARTBEAT_URL, ...changes }, exitCode);
      expect(await liveCheck("success", 0)).toEqual([]);
      expect(beats).toEqual(["/beat"]);

      const alerting = (env: Record<string, string>) =>
        spawnSync(path.join(source, "check-alerting"), {
          env: { PATH: `${path.join(dir, "bin")}:${process.env["PATH"]}`, ALERTS: state, ...env },
          encoding: "utf8",
        });
      writeFileSync(path.join(dir, "bin/systemctl"), '#!/bin/sh\n[ "$3" != "$STOPPED" ]\n', {
        mode: 0o755,
      });
      expect(alerting({})).toMatchObject({ status: 0, stdout: "" });
      expect(alerting({ STOPPED: "pull-articles.timer" })).toMatchObject({
        status: 1,
        stdout:
          "FAIL  pull-articles.timer is not active: systemctl enable --now pull-articles.timer\n",
      });

      const outcome = path.join(dir, ".outcome");
      writeFileSync(outcome, "not checked");
      expect(alerting({ SITE: dir })).toMatchObject({ status: 0 }); // a deployment may be running
      utimesSync(outcome, 0, 0);
      expect(alerting({ SITE: dir })).toMatchObject({
        status: 1,
        stdout: expect.stringContaining("FAIL  release: a deployment was not finished"),
      });

      webhook.status = 500;
      const cause = 'FAIL  disk: 12 MB free in "/var\\lib"';
      await report("exit-code", cause, {}, 1);
      await liveCheck("success", 1);
      expect(alerting({})).toMatchObject({
        status: 1,
        stdout: expect.stringContaining("FAIL  webhook: "),
      });
      expect(beats).toHaveLength(1);

      webhook.status = 204;
      expect(await liveCheck("success", 0)).toEqual([
        expect.stringMatching(/^Not delivered on \d{4}-\d\d-\d\d \d\d:\d\d: /),
      ]);
      expect(beats).toHaveLength(2);
      await liveCheck("exit-code", 0);
      expect(beats).toHaveLength(2);
      elsewhere.close();
    });

    test("has what the live check and check-alerting found, which runs also if the live check fails", async () => {
      const lines =
        "live check failed at HTTP: GET / returned 502 instead of 200.\n" +
        "FAIL  pull-articles.timer is not active";
      expect(await report("exit-code", `systemd\n${lines}`)).toEqual([`${failed}\n${lines}`]);
      for (const job of ["live-check", "daily-check"])
        expect(readFileSync(path.join(source, `clean-systems-${job}.service`), "utf8")).toContain(
          "\nExecStopPost=+/srv/site/ops/check-alerting\n",
        );
    });

    test("has what the site could not report before it ended", async () => {
      const unreported = JSON.stringify({ level: "error", unreported: "the site had errors: 1" });
      expect(await report("success", `{"level":"info"}\n${unreported}`)).toEqual([
        `${words("warns")}\n${unreported}`,
      ]);
    });

    test("has the last error of a site that crashed, once", async () => {
      const line = (level: string, msg: string) => JSON.stringify({ level, time: "7Z", msg });
      const output = (request: string) =>
        [line("error", "earlier"), line("error", "uncaught error"), line("info", request)].join(
          "\n",
        );
      const cause = line("error", "uncaught error");
      expect(await report("exit-code", output("GET /"))).toEqual([`${failed}\n${cause}`]);
      expect(await report("exit-code", output("GET /contact"))).toEqual([]);
      rmSync(path.join(state, "clean-systems-daily-check"));
      expect(await report("signal", output("GET /"))).toEqual([words("failed (signal)")]);
      const unit = { MONITOR_UNIT: "clean-systems.service" };
      expect(await report("signal", output("GET /"), unit)).toHaveLength(1);
      expect(await report("success", "", unit)).toEqual([]); // it was stopped
    });
  });
});
