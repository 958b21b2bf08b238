// The fuzzer for some seconds. `npm run test:fuzz` runs it for longer, and with --nginx through nginx,
// where it still finds a 502: nginx reports one if the site responds before it has read a large body.

import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

test("random requests end no process and get no 5xx", async () => {
  const script = path.join(import.meta.dirname, "fuzz.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [script, "--seconds", "6"]);
  expect(stdout).toContain("\n0 promises broken");
});
