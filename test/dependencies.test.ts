// The dependencies: pinned, locked, and each with a reason. Dependabot and `npm audit` report versions with known vulnerabilities.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const projectDir = path.resolve(import.meta.dirname, "..");
const read = (name: string) => readFileSync(path.join(projectDir, name), "utf8");

type Locked = {
  version?: string;
  hasInstallScript?: boolean;
  dev?: boolean;
  resolved?: string;
  integrity?: string;
};
const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, Locked> };
const { dependencies } = JSON.parse(read("package.json")) as {
  dependencies: Record<string, string>;
};

test("every runtime dependency is pinned to an exact version", () => {
  expect(
    Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)),
  ).toEqual([]);
});

test("a table in docs/decisions/ gives the reason for every runtime dependency", () => {
  const decisions = readdirSync(path.join(projectDir, "docs/decisions"))
    .map((name) => read(`docs/decisions/${name}`))
    .join("\n");
  const tables = Array.from(decisions.matchAll(/^\| ([@\w/., -]+) \| /gm), ([, names = ""]) =>
    names.split(/, /),
  ).flat();
  const unexplained = Object.keys(dependencies).filter((name) => !tables.includes(name));
  expect(unexplained).toEqual([]);
});

test("no package that production installs has an install script", () => {
  const scripts = Object.entries(packages).filter(
    ([, { dev, hasInstallScript }]) => hasInstallScript && !dev,
  );
  expect(scripts.map(([place]) => place)).toEqual([]);
});

test("every package is locked by its hash and comes from the registry", () => {
  const loose = Object.entries(packages).filter(
    ([place, { resolved, integrity }]) => place !== "" && (!integrity || resolved !== undefined),
  );
  expect(loose.map(([place]) => place)).toEqual([]);
});
