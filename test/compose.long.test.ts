// ops/compose.yaml, as podman-compose reads it.

import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import { load } from "js-yaml";
import { need } from "./support/needs.ts";
import { temporaryFolder } from "./support/site.ts";

need(spawnSync("podman-compose", ["--help"]).status === 0, "podman-compose");

const { dir } = await temporaryFolder();
cpSync(path.resolve(import.meta.dirname, "../ops/compose.yaml"), path.join(dir, "compose.yaml"));
writeFileSync(path.join(dir, "site.env"), "");
const env = { PATH: process.env["PATH"] ?? "", RELEASE: "v7", DOMAIN: "nordhavn.dk" };
const text = execFileSync("podman-compose", ["config"], { cwd: dir, env, encoding: "utf8" });
const { services } = load(text) as { services: Record<string, Record<string, unknown>> };

test("podman-compose puts every variable in", () => {
  expect(services["site"]).toMatchObject({ image: "clean-systems:v7" });
  expect(services["proxy"]).toMatchObject({
    command: ["caddy", "reverse-proxy", "--from", "nordhavn.dk", "--to", "site:3000"],
  });
  expect(text).not.toContain("$");
});
