// What a test file opens is closed when the file ends, the last first, also after a failed test.
// Outside Jest nothing is: bench/ and screenshots.ts close what they open.

export const opened = new AsyncDisposableStack();
if (typeof afterAll === "function") afterAll(() => opened.disposeAsync());
