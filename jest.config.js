// Jest strips the types by itself; nothing is compiled. `npm run test:long` runs what is named *.long.test.ts instead (test/long.ts).
export default {
  transform: {},
  extensionsToTreatAsEsm: [".ts"],
  testEnvironment: "node",
  testTimeout: 20_000, // commands and browsers share the cores; nothing waits for it unless it hangs
  maxWorkers: 3, // one more than two cores: many tests wait for a process or a browser
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["\\.long\\.test\\.ts$"],
  reporters: ["default", "<rootDir>/test/support/closing-line-reporter.js"],
};
