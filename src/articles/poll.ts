// Repeats work at an interval, without two runs at the same time.

/**
 * Runs `work` every `intervalMs` until the returned function is called. A rejection is passed to `onError`, but not twice in a row if it is
 * the same. Does not keep the process alive.
 */
export function poll(work: () => Promise<void>, intervalMs: number, onError: (error: unknown) => void): () => void {
  let stopped = false;
  let lastError = "";
  const run = async () => {
    try {
      await work();
      lastError = "";
    } catch (error) {
      if (String(error) !== lastError) onError(error);
      lastError = String(error);
    }
    if (!stopped) timer = setTimeout(() => void run(), intervalMs).unref();
  };
  let timer = setTimeout(() => void run(), intervalMs).unref();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
