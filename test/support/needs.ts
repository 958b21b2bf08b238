// Fails a test file if a program that it needs is missing.

/** Throws unless the program is there. `name` has the Debian package, as "nginx (nginx-light)". */
export function need(isInstalled: boolean, name: string): void {
  if (!isInstalled) throw new Error(`This test file needs ${name}: see docs/testing.md.`);
}
