// Writes a SQLite store anew, in a thread of its own: a store of 81 MB took 0.9 s, in which the
// site answered nothing. Now only those who write to the store wait.

import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { parentPort, Worker, workerData } from "node:worker_threads";

// The vacuum waits longer for a lock than a statement of the site, because no visitor waits for it.
const lockedMs = 20_000;
const checkpointAttempts = 50;
const checkpointPauseMs = 50;

/**
 * Writes the store anew. Resolves with true once its files are clean, or with false if a reader
 * prevents it. Rejects with SQLite's errors.
 */
export function scrub(file: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // The thread gets none of this process's options, which are for its own main file.
    const worker = new Worker(new URL(import.meta.url), { workerData: file, execArgv: [] });
    worker.once("message", resolve).once("error", reject);
    worker.once("exit", () => reject(new Error("the vacuum ended without a result")));
  });
}

// secure_delete overwrites deleted rows, but not what SQLite leaves of them in unused parts of
// pages when it balances a tree: bytes of one person in 200 were found in the file. A vacuum writes
// all pages anew. The write-ahead log has older copies until it is truncated, which has to wait for
// readers.
async function work(file: string): Promise<boolean> {
  const address = pathToFileURL(file);
  address.searchParams.set("mode", "rw"); // in this mode SQLite creates no empty store
  using database = new DatabaseSync(address, { timeout: lockedMs });
  database.exec("pragma secure_delete = 1; pragma synchronous = full");
  // A vacuum writes a copy of the store. In /tmp, which may be memory, it would take that.
  const folder = path.dirname(file).replaceAll("'", "''");
  database.exec(`pragma temp_store_directory = '${folder}'`);
  database.exec("vacuum");
  database.exec(`pragma busy_timeout = ${checkpointPauseMs}`);
  for (let attempt = 1; attempt <= checkpointAttempts; attempt += 1) {
    const result = database.prepare("pragma wal_checkpoint(truncate)").get();
    if (result?.["busy"] === 0) return true;
    await sleep(checkpointPauseMs);
  }
  return false;
}

if (parentPort && typeof workerData === "string") parentPort.postMessage(await work(workerData));
