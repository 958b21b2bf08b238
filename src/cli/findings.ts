// What `npm run doctor` finds: one line for each finding, and a summary.

const counts = { PASS: 0, WARN: 0, FAIL: 0 };

function print(kind: keyof typeof counts, text: string): void {
  counts[kind] += 1;
  const [line, ...stack] = text.split("\n");
  console.log(`${kind}  ${line}`);
  if (stack.length > 0) console.error(stack.join("\n")); // of an error that is not expected
}

export const pass = (text: string): void => print("PASS", text);
export const warn = (text: string): void => print("WARN", text);
export const failed = (text: string): void => print("FAIL", text);

/** Prints how many findings there are and what to run next: `again` after a failure, or else `next`. Returns whether nothing failed. */
export function summarise(again: string, next: string): boolean {
  const { PASS, WARN, FAIL } = counts;
  console.log(`\n${PASS} PASS, ${WARN} WARN, ${FAIL} FAIL`);
  console.log(FAIL > 0 ? `Next: do what each line with FAIL says, then run ${again}` : `Next: ${next}`);
  return FAIL === 0;
}
