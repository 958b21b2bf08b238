// The summary of doctor, after which a deployment goes on or stops.

import { jest } from "@jest/globals";
import { failed, pass, summarise, warn } from "../src/cli/findings.ts";

test("warnings do not fail doctor, one failure does, and the last line says what to run next", () => {
  const print = jest.spyOn(console, "log").mockImplementation(() => {});
  const lastLine = () => String(print.mock.lastCall?.[0]);
  pass("settings: production");
  warn("heartbeat: not set");
  expect(summarise("npm run doctor", "npm run doctor -- --live")).toBe(true);
  expect(lastLine()).toBe("Next: npm run doctor -- --live");
  failed("store: not writable");
  expect(summarise("npm run doctor", "npm run doctor -- --live")).toBe(false);
  expect(lastLine()).toBe("Next: do what each line with FAIL says, then run npm run doctor");
  print.mockRestore();
});
