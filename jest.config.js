// Jest strips the types by itself; nothing is compiled. Two projects: `npm test`, and `npm run test:long` for what takes its time.
const shared = { transform: {}, extensionsToTreatAsEsm: [".ts"], testEnvironment: "node" };

export default {
  reporters: ["default", "<rootDir>/test/support/closing-line-reporter.js"],
  projects: [
    {
      ...shared,
      displayName: "suite",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: ["\\.long\\.test\\.ts$"],
    },
    { ...shared, displayName: "long", testMatch: ["<rootDir>/test/**/*.long.test.ts"] },
  ],
};
