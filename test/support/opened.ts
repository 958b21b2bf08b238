// What a test file opens is closed when the file ends, the last first, also after a failed test.
// Outside Jest the program closes it at its end, as bench/run.ts does.

export const opened = new AsyncDisposableStack();
if (typeof afterAll === "function") afterAll(() => opened.disposeAsync());
