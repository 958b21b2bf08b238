// Loaded before anything else (node --require): an older Node cannot read TypeScript and fails with an unrelated syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 26 || (major === 26 && minor < 10)) {
  console.error(
    `This site needs Node 26.10 or newer, but this is ${process.versions.node}. On Linux x64, "npm ci" installs it and "npm start" uses it. On other systems, install it from https://nodejs.org.`,
  );
  process.exit(1);
}
