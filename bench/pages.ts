// CPU time of a cached article page, of a 304 and of a whole first visit, compared with other
// servers that send the same bytes, and the bytes of a first visit.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { resourcesOf } from "../test/support/html.ts";
import { freePort } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import {
  articlePath,
  cpuPerRequest,
  figure,
  inBench,
  ratios,
  startServer,
  startSite,
  stopServer,
  type Load,
  type Part,
  type Server,
} from "./measure.ts";

const headers = { "accept-encoding": "br" };
const connectionHeaders = new Set(["date", "connection", "keep-alive", "content-length"]);

/** Returns a response of the site without the headers of its connection. */
async function respond(url: string, requestHeaders = {}) {
  const response = await sent(url, { ...headers, ...requestHeaders });
  const stored = Object.entries(response.headers).filter(([name]) => !connectionHeaders.has(name));
  return { headers: Object.fromEntries(stored), body: response.body };
}

/** One nginx process without a log, with the files of the visit and the headers of the site. */
async function startNginx(dir: string, origin: string, paths: string[]): Promise<Server> {
  const locations: string[] = [];
  for (const [index, address] of paths.entries()) {
    const { headers, body } = await respond(origin + address);
    const { "content-type": type, etag: _etag, ...others } = headers;
    await writeFile(path.join(dir, `${index}`), body);
    const added = Object.entries(others).map(
      ([name, value]) => `add_header ${name} ${JSON.stringify(value)};`,
    );
    const file = `alias ${dir}/${index}; types {} default_type ${JSON.stringify(type)};`;
    locations.push(`location = ${address} { ${file} ${added.join(" ")} }`);
  }
  const port = await freePort();
  const options = `access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;`;
  const server = `server { listen 127.0.0.1:${port}; ${locations.join("\n")} }`;
  const config = path.join(dir, "nginx.conf");
  const process = `daemon off; master_process off; error_log stderr; pid ${dir}/nginx.pid;`;
  await writeFile(config, `${process} events {} http { ${options} ${server} }`);
  return startServer(() => ["nginx", "-c", config], {}, port);
}

export const measurePages: Part = async (rounds) => {
  const { dir, remove } = await temporaryFolder();
  const site = await startSite({ DATA_DIR: dir });
  const { origin } = site;
  const html = (await sent(origin + articlePath, {})).body.toString();
  const fontsAndIcon = [...new Set(resourcesOf(html))].filter((name) =>
    /(schibsted|literata)\.[^/]*woff2$|mark\.[^/]*svg$/.test(name),
  );
  const paths = [articlePath, ...fontsAndIcon];
  for (const address of paths) await respond(origin + address);
  await sleep(2_000); // the best compression follows the first request in the background
  const page = await respond(origin + articlePath);
  const known = { "if-none-match": page.headers["etag"] ?? "" };
  const headers304 = (await respond(origin + articlePath, known)).headers;
  const file = path.join(dir, "page.json");
  const br = page.body.toString("base64");
  await writeFile(file, JSON.stringify({ headers: page.headers, headers304, br, html }));
  const other = (kind: string) =>
    startServer((port) => [process.execPath, inBench("servers.js"), kind, `${port}`, file]);
  const pageLoad = { paths: ["/page"], headers };
  const visit = { paths, headers };
  const measured: Record<string, [Server, Load]> = {
    bare: [await other("node"), pageLoad],
    page: [site, { paths: [articlePath], headers }],
    bare304: [await other("node304"), pageLoad],
    known: [site, { paths: [articlePath], headers: { ...headers, ...known } }],
    fastify: [await other("fastify"), pageLoad],
    ejs: [await other("ejs"), pageLoad],
    visit: [site, visit],
    nginx: [await startNginx(dir, origin, paths), visit],
  };
  const cpu: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round += 1)
    for (const [name, [server, requests]] of Object.entries(measured)) {
      const used = await cpuPerRequest(server, requests);
      if (round >= 0) (cpu[name] ??= []).push(used); // the first round warms up
    }
  for (const server of new Set(Object.values(measured).map(([one]) => one)))
    await stopServer(server);
  await remove();
  const ratio = (a: string, b: string) => ratios(cpu[a] ?? [], cpu[b] ?? []);
  return [
    figure("cached page, CPU of bare node:http ÷ the site", ratio("bare", "page"), "≥ 0.85"),
    figure("304, CPU of bare node:http ÷ the site", ratio("bare304", "known"), "≥ 0.80"),
    figure("cached page, CPU of the EJS app ÷ the site", ratio("ejs", "page"), "≥ 40"),
    figure("cached page, CPU of bare node:http ÷ Fastify", ratio("bare", "fastify")),
    figure("whole visit, CPU of the site ÷ nginx", ratio("visit", "nginx"), "≤ 1.60"),
    figure("CPU per cached page, µs", cpu["page"] ?? []),
    figure("CPU per 304, µs", cpu["known"] ?? []),
    figure("HTML and CSS of the article, brotli, bytes", [page.body.length]),
  ];
};
