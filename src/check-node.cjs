// Loaded before anything else (node --require): an older Node cannot even read our TypeScript, and says so in a riddle.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 15)) {
  console.error(
    `This site needs Node 24.15 or newer and this is ${process.versions.node}: run "npm ci" and then "npm start", which bring and use the right one on Linux (x64), or install Node 24 from https://nodejs.org.`,
  );
  process.exit(1);
}
