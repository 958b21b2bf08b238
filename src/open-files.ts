// How many files this process may open (RLIMIT_NOFILE), and how many connections that allows.

import { existsSync, readFileSync } from "node:fs";

const otherFiles = 100; // the store, modules, the log, connections for mail

/** Returns the limit of open files, and how many connections it allows: each request may need a file besides its connection. */
export function connectionLimit(): { openFiles: number; connections: number } {
  // Only Linux has this file. Node has raised the soft limit to the hard one.
  const limits = existsSync("/proc/self/limits") ? readFileSync("/proc/self/limits", "utf8") : "";
  const openFiles = Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  return { openFiles, connections: Math.max(1, Math.floor((openFiles - otherFiles) / 2)) };
}
