process.env["TZ"] = "Pacific/Auckland"; // no office is there, so a time in the zone of the machine is wrong

// Jest strips the types by itself; nothing is compiled. `npm run test:long` runs what is named *.long.test.ts instead.
// On a busy machine Jest may report at the end that a worker did not exit: it allows 500 ms, and freeing 1 GB took up to 1.3 s. No test kept
// a worker open.
export default {
  transform: {},
  extensionsToTreatAsEsm: [".ts"],
  testEnvironment: "node",
  testTimeout: 120_000, // nothing waits for it unless it hangs; beside seven other jobs, requesting every page took 70 s
  maxWorkers: 3, // one more than two cores: many tests wait for a process or a browser
  roots: ["<rootDir>/test"], // otherwise Jest lists every file of node_modules
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["\\.long\\.test\\.ts$"],
  reporters: ["default", "<rootDir>/test/support/closing-line-reporter.js"],
};
