// The systemd units of ops, checked by systemd-analyze with programs that exist here.

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import path from "node:path";
import { need } from "./support/needs.ts";
import { temporaryFolder } from "./support/site.ts";

const source = path.resolve(import.meta.dirname, "../ops");
const unitsFolder = path.join(source, "units");
const units = fs.readdirSync(unitsFolder).filter((name) => /\.(service|socket|timer)$/.test(name));
const hardened = units.filter((name) => /^clean-.*\.service$/.test(name));

need(spawnSync("systemd-analyze", ["--version"]).status === 0, "systemd-analyze (systemd)");

const { dir } = await temporaryFolder();
fs.cpSync(unitsFolder, dir, { recursive: true });
for (const name of units) {
  const text = fs.readFileSync(path.join(dir, name), "utf8");
  fs.writeFileSync(path.join(dir, name), text.replace(/^(ExecStart=)\/srv\/\S+/gm, "$1/bin/true"));
}

const analyze = (...args: string[]) => {
  const options = { cwd: dir, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync("systemd-analyze", args, options);
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

test("install changes nothing the second time, nor what nginx refuses", () => {
  const root = path.join(dir, "machine");
  const release = path.join(dir, "releases/1");
  const bin = path.join(dir, "machine/bin");
  for (const folder of ["srv/site", "srv/articles/.git", "usr/local/bin", "usr/local/sbin"])
    fs.mkdirSync(path.join(root, folder), { recursive: true });
  for (const folder of [bin, `${root}/etc/nginx`, `${release}/node_modules/.bin`])
    fs.mkdirSync(folder, { recursive: true });
  fs.cpSync(source, path.join(release, "ops"), { recursive: true });
  const certificate = path.join(root, "etc/letsencrypt/live/nordhavn.dk/fullchain.pem");
  fs.mkdirSync(path.dirname(certificate), { recursive: true });
  const installed = path.join(root, "etc/nginx/nginx.conf");
  fs.writeFileSync(installed, "Debian's");
  for (const file of [certificate, path.join(release, ".env")]) fs.writeFileSync(file, "");
  fs.writeFileSync(path.join(root, "srv/site.env"), "SITE_URL=https://nordhavn.dk\n");
  const write = (file: string, text: string) => fs.writeFileSync(file, text, { mode: 0o755 });
  write(path.join(release, "node_modules/.bin/node"), "#!/bin/sh\n");
  for (const name of ["dpkg", "systemctl", "curl", "systemd-sysusers", "systemd-tmpfiles"])
    write(path.join(bin, name), "#!/bin/sh\n");
  write(path.join(bin, "nginx"), `#!/bin/sh\n! grep proxy_passs ${installed} >&2\n`);
  const run = () => {
    const env = { PATH: `${bin}:${process.env["PATH"]}`, ROOT: root };
    const install = path.join(release, "ops/install");
    const { status, stdout } = spawnSync(install, { env, encoding: "utf8" });
    return { status, stdout };
  };
  const template = path.join(release, "ops/nginx.conf");
  const good = fs.readFileSync(template, "utf8");
  const broken = good.replace("proxy_pass", "proxy_passs");
  const refused = { status: 1, stdout: expect.stringMatching(/nginx refuses/) as string };

  fs.writeFileSync(template, broken);
  expect(run()).toEqual(refused);
  expect(fs.readFileSync(installed, "utf8")).toBe("Debian's");
  expect(fs.existsSync(path.join(root, "usr/local/lib/systemd"))).toBe(false);
  fs.writeFileSync(template, good);
  expect(run()).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/changed: .*sudoers[^]+systemd\/system/),
  });
  const link = path.join(root, "usr/local/lib/systemd/system");
  expect(fs.readlinkSync(link)).toBe("/srv/site/ops/units");
  const served = fs.readFileSync(path.join(dir, "releases/served.json"), "utf8");
  expect(JSON.parse(served)).toMatchObject([{ number: 1, servedSince: expect.any(String) }]);
  expect(run()).toEqual({ status: 0, stdout: "Nothing was changed.\n" });
  fs.writeFileSync(template, broken);
  expect(run()).toEqual(refused);
  expect(fs.readFileSync(installed, "utf8")).toBe(
    good.replaceAll("cleansystems.dk", "nordhavn.dk"),
  );
});

test("each job starts with the machine, and each end is passed on", () => {
  const timers = units.filter((name) => name.endsWith(".timer"));
  const jobs = timers.map((name) => name.replace(".timer", ".service"));
  const wanted = fs.readFileSync(path.join(dir, "multi-user.target.d/clean-systems.conf"), "utf8");
  expect(wanted.match(/[^=\s]+\.timer/g)).toEqual(timers);
  for (const name of [...jobs, "clean-systems.service"]) {
    const text = fs.readFileSync(path.join(unitsFolder, name), "utf8");
    expect(text).toContain("\nOnFailure=clean-systems-tell@%N-failed.service\n");
    if (jobs.includes(name))
      expect(text).toContain("\nOnSuccess=clean-systems-tell@%N-passed.service\n");
    if (name === "clean-systems-live-check.service")
      expect(text).toContain("\nOnSuccess=clean-systems-tell@clean-systems-passed.service\n");
  }
});
