// The output of `npm run doctor`: one line for each finding, and a summary.

import type { Config } from "../config.ts";
import type { Call } from "./environment.ts";

/** What a check uses. */
export type Check = ReturnType<typeof createFindings> & {
  config: Config;
  now: Date;
  sendTest: boolean;
};

export function createFindings({ print }: Pick<Call, "print">) {
  const counts = { PASS: 0, WARN: 0, FAIL: 0 };

  function report(kind: keyof typeof counts, text: string): void {
    counts[kind] += 1;
    print(`${kind}  ${text}`);
  }

  return {
    pass: (text: string): void => report("PASS", text),
    warn: (text: string): void => report("WARN", text),
    failed: (text: string): void => report("FAIL", text),

    /** Prints the counts and what to do next: `next`, if no check failed. Returns the exit code. */
    summarise: (next: string): number => {
      const { PASS, WARN, FAIL } = counts;
      print(`\n${PASS} PASS, ${WARN} WARN, ${FAIL} FAIL`);
      print(
        FAIL > 0
          ? "Next: do what each line with FAIL says, then run this command again"
          : `Next: ${next}`,
      );
      return FAIL > 0 ? 1 : 0;
    },
  };
}
