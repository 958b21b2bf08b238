// Loaded before anything else (node --require): an older Node cannot read TypeScript and fails with an unrelated syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 26 || (major === 26 && minor < 10)) {
  console.error(
    `This site needs Node 26.10 or newer, and this is ${process.versions.node}. Run "npm ci" and then "npm start", which install and use it on Linux (x64), or install Node 26 from https://nodejs.org.`,
  );
  process.exit(1);
}
