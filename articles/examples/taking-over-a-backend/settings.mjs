// Lists settings that the code reads and no file sets, and those that are set and that the code never names.
//
//   node settings.mjs REPOSITORY SETTINGS-FILE [READS]
//
// READS is a regular expression whose first group is the key. Its default fits getProperty("…"), getenv("…") and @Value("${…}").
// A key that the code puts together from parts is reported as never named, so look at each before you believe it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [repository, settings, reads = String.raw`(?:get\w*Property|getenv)\(\s*"([\w.]+)"|@Value\("\$\{([\w.-]+)`] = process.argv.slice(2);
const paths = execFileSync("git", ["-C", repository, "ls-files"], { encoding: "utf8", maxBuffer: 2 ** 30 }).trim().split("\n");
const text = (path) => readFileSync(join(repository, path), "utf8");
const isTest = (path) => /(^|\/)(test|it-)/.test(path);
const source = paths.filter((path) => /\.(java|kt|js|ts|py|rb|php|cs)$/.test(path) && !isTest(path)).map(text).join("\n");
const others = paths.filter((path) => /\.(properties|ya?ml|xml|env|conf|toml|sh|jsp|vm)$|Dockerfile$/.test(path) && !isTest(path)).map(text).join("\n");

const readKeys = new Set([...source.matchAll(new RegExp(reads, "g"))].map((match) => match.slice(1).find(Boolean)));
const setKeys = [...text(settings).matchAll(/^([\w.-]+)\s*[=:]/gm)].map(([, key]) => key);
const unset = [...readKeys].filter((key) => key.includes(".") && !others.includes(key)).sort();
const unread = setKeys.filter((key) => !source.includes(`"${key}"`));
// Keys such as cache.<name>.size are put together from a prefix, and a library reads those that carry its own name.
const prefixed = unread.filter((key) => key.split(".").some((_, i, parts) => i > 0 && source.includes(`"${parts.slice(0, i).join(".")}.`)));
console.log(`${setKeys.length} keys set in ${settings.split("/").at(-1)}, ${readKeys.size} named in the code`);
console.log(`\nread, set nowhere: ${unset.length}`);
for (const key of unset) console.log(`  ${key}`);
const silent = unread.filter((key) => !prefixed.includes(key));
console.log(`\nset, never named in the code: ${silent.length} (and ${prefixed.length} whose prefix is)`);
for (const key of silent) console.log(`  ${key}`);
