// Tests that need a program which may be missing. Without it they are skipped with a message. In CI they fail.

export function describeWith(
  isInstalled: boolean,
  needs: string,
  name: string,
  tests: () => void,
): void {
  if (isInstalled || process.env["CI"]) return describe(name, tests);
  process.stderr.write(`\nSKIPPED: "${name}" needs ${needs}\n`);
  describe.skip(name, tests); // a contributor without the program can still run the rest; CI has every program and returned above
}
