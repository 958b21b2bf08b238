// Prints "N passed, N failed[, N skipped]" alone on the last line. A test file that could not run counts as a failed test. If
// everything passed, a line above says what the tests don't see: Jest strips the types.
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const tail = skipped > 0 ? `, ${skipped} skipped` : "";
    const hint = failed === 0 ? "\nThe tests don't check the types; npm run check does.\n" : "";
    // Jest's own summary comes after this call.
    process.once("exit", () =>
      process.stderr.write(`${hint}\n${results.numPassedTests} passed, ${failed} failed${tail}\n`),
    );
  }
}
