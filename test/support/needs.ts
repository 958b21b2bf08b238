// Tests that need what not every desk has: there they are skipped, aloud; in CI they run or fail.

export function describeWith(isHere: boolean, needs: string, name: string, tests: () => void): void {
  if (isHere || process.env["CI"]) return describe(name, tests);
  process.stderr.write(`\nSKIPPED: "${name}" needs ${needs}\n`);
  describe.skip(name, tests);
}
