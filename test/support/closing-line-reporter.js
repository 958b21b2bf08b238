// Prints "N passed, N failed[, N skipped]" alone on the last line. A test file that could not run counts as a failed test.
export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const tail = skipped > 0 ? `, ${skipped} skipped` : "";
    // Jest's own summary comes after this call.
    process.once("exit", () =>
      process.stderr.write(`\n${results.numPassedTests} passed, ${failed} failed${tail}\n`),
    );
  }
}
