// Jest strips the types by itself; nothing is compiled. `npm run test:long` runs what is named *.long.test.ts instead (see package.json).
export default {
  transform: {},
  extensionsToTreatAsEsm: [".ts"],
  testEnvironment: "node",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["\\.long\\.test\\.ts$"],
  reporters: ["default", "<rootDir>/test/support/closing-line-reporter.js"],
};
