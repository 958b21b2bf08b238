// The fuzzer for some seconds, directly and through nginx. `npm run test:fuzz` runs it for longer.

import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describeWith } from "./support/needs.ts";
import { nginx, nginxNeeded } from "./support/nginx.ts";

const fuzz = (...options: string[]) =>
  promisify(execFile)(process.execPath, [
    path.join(import.meta.dirname, "fuzz.ts"),
    "--seconds",
    "6",
    ...options,
  ]);

test("random requests end no process and get no 5xx", async () => {
  expect((await fuzz()).stdout).toContain("\n0 promises broken");
});

describeWith(nginx !== "", nginxNeeded, "through nginx", () => {
  test("neither", async () => {
    expect((await fuzz("--nginx")).stdout).toContain("\n0 promises broken");
  });
});
