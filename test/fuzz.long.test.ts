// The fuzzer for some seconds, directly and through nginx. `npm run test:fuzz` runs it for longer.

import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

test.each([[], ["--nginx"]])(
  "random requests end no process and get no 5xx: %s",
  async (...options) => {
    const script = path.join(import.meta.dirname, "fuzz.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [
      script,
      "--seconds",
      "6",
      ...options,
    ]);
    expect(stdout).toContain("\n0 promises broken");
  },
);
