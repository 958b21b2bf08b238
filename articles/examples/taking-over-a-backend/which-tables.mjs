// Prints which tables a command makes the application read and write, from PostgreSQL's log.
//
//   node which-tables.mjs LOG COMMAND ARGUMENT…
//
// LOG is the server's log file. On a copy of the system, never on the live one, run first:
//   alter system set log_statement = 'all'; select pg_reload_conf();
// Everything that reaches the server while the command runs is counted, so let nobody else work on that copy,
// and switch the jobs off or trace them with `sleep 70` as the command.
import { spawnSync } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const [log, command, ...args] = process.argv.slice(2);
const file = openSync(log, "r");
const size = () => fstatSync(file).size;
const start = size();
const result = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
// The log is written by another process: read once it has stopped growing.
for (let seen = -1; seen !== size(); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)) seen = size();
const bytes = Buffer.alloc(size() - start);
readSync(file, bytes, 0, bytes.length, start);
closeSync(file);

const written = new Map();
const read = new Map();
const count = (tables, table, what) => {
    const key = what ? `${table.toLowerCase()} (${what})` : table.toLowerCase();
    tables.set(key, (tables.get(key) ?? 0) + 1);
};
let statements = 0;
let commits = 0;
for (const [, sql] of bytes.toString().matchAll(/(?:statement|execute [^:]*): ([^]*?)(?=\n\d{4}-\d\d-\d\d |$(?![^]))/g)) {
    statements++;
    if (/^\s*commit/i.test(sql)) commits++;
    const change = /^\s*(insert\s+into|update|delete\s+from)\s+"?(\w+)/i.exec(sql);
    if (change) count(written, change[2], change[1].slice(0, 6).toLowerCase());
    const reads = change ? sql.slice(change[0].length) : sql;
    for (const [, list] of reads.matchAll(/\b(?:from|join)\s+((?:"?\w+"?(?:\s+(?:as\s+)?\w+)?\s*,\s*)*"?\w+)/gi)) {
        for (const table of list.split(",")) count(read, table.trim().split(/\s+/)[0].replaceAll('"', ""));
    }
}
const list = (tables) => [...tables].sort().map(([table, n]) => (n > 1 ? `${table} ×${n}` : table)).join(", ") || "nothing";
console.log(`exit ${result.status}, ${statements} statements, ${commits} commits`);
console.log(`writes  ${list(written)}`);
console.log(`reads   ${list(read)}`);
