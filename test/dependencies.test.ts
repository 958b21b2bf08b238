// What is installed: no version below a known fault, and no runtime dependency without a reason.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const projectDir = path.resolve(import.meta.dirname, "..");
const read = (name: string) => readFileSync(path.join(projectDir, name), "utf8");

type Locked = { version?: string; hasInstallScript?: boolean; dev?: boolean; resolved?: string; integrity?: string };
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };
const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };

const isAtLeast = (version: string, floor: string) => version.localeCompare(floor, "en", { numeric: true }) >= 0;

// Older versions have known faults.
test.each([
  ["body-parser", "2.3.0"], // CVE-2026-12590
  ["qs", "6.14.1"],
  ["path-to-regexp", "8.4.0"],
  ["nodemailer", "10.0.0"],
  ["markdown-it", "15.0.0"],
])("no %s below %s is locked", (name, floor) => {
  const copies = Object.entries(packages).filter(([place, { dev }]) => place.endsWith(`node_modules/${name}`) && !dev);
  const versions = copies.map(([, { version }]) => version ?? "");
  expect(versions).not.toEqual([]);
  expect(versions.filter((version) => !isAtLeast(version, floor))).toEqual([]);
});

test("versions are compared as numbers", () => {
  expect([isAtLeast("10.0.0", "9.9.9"), isAtLeast("6.9.0", "6.14.1"), isAtLeast("8.4.0", "8.4.0")]).toEqual([true, false, true]);
});

test("every runtime dependency is exact, and a decision gives its reason", () => {
  const decisions = readdirSync(path.join(projectDir, "docs/decisions"))
    .map((name) => read(`docs/decisions/${name}`))
    .join("\n");
  const tables = Array.from(decisions.matchAll(/^\| ([@\w/., -]+) \| /gm), ([, names = ""]) => names.split(/, /)).flat();
  const unexplained = Object.keys(dependencies).filter((name) => !tables.includes(name) && !tables.includes(name.replace("@shikijs/", "")));
  expect(unexplained).toEqual([]);
  expect(Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

test("nothing that production installs runs a script of its own while it is installed", () => {
  const scripts = Object.entries(packages).filter(([, { dev, hasInstallScript }]) => hasInstallScript && !dev);
  expect(scripts.map(([place]) => place)).toEqual([]);
});

test("every package is locked by its hash, and none comes from elsewhere than the registry", () => {
  const loose = Object.entries(packages).filter(
    ([place, { resolved, integrity }]) => place !== "" && (!integrity || resolved !== undefined),
  );
  expect(loose.map(([place]) => place)).toEqual([]);
});
