// The summary of doctor, after which a deployment goes on or stops.

import { createFindings } from "../src/cli/findings.ts";

test("warnings do not fail doctor, one failure does, and the last line says what to run next", () => {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const { pass, warn, failed, summarise } = createFindings({ print });
  pass("settings: production");
  warn("heartbeat: not set");
  expect(summarise("run doctor with --live")).toBe(0);
  expect(lines.at(-1)).toBe("Next: run doctor with --live");
  failed("store: not writable");
  expect(summarise("run doctor with --live")).toBe(1);
  expect(lines.at(-1)).toBe("Next: do what each line with FAIL says, then run this command again");
});
