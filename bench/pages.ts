// CPU time of a cached article page, of a 304 and of a whole first visit, compared with other
// servers that send the same bytes, and the bytes of a first visit.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { resourcesOf } from "../test/support/html.ts";
import { startProcess } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { cpuPerRequest, figures, inBench, startServer, type Server } from "./measure.ts";

const articlePath = "/articles/why-backend-developers-carry-the-most-responsibility";
const headers = { "accept-encoding": "br" };
const connectionHeaders = new Set(["date", "connection", "keep-alive", "content-length"]);

/** Returns a response of the site without the headers of its connection. */
async function respond(url: string, requestHeaders = {}) {
  const response = await sent(url, { ...headers, ...requestHeaders });
  const stored = Object.entries(response.headers).filter(([name]) => !connectionHeaders.has(name));
  return { headers: Object.fromEntries(stored), body: response.body };
}

/** One nginx process without a log, with the files of the visit and the headers of the site. */
async function startNginx(dir: string, origin: string, paths: string[]) {
  const locations: string[] = [];
  for (const [index, address] of paths.entries()) {
    const { headers, body } = await respond(origin + address);
    const { "content-type": type, etag: _etag, ...others } = headers;
    writeFileSync(path.join(dir, `${index}`), body);
    const added = Object.entries(others).map(
      ([name, value]) => `add_header ${name} ${JSON.stringify(value)};`,
    );
    const file = `alias ${dir}/${index}; types {} default_type ${JSON.stringify(type)};`;
    locations.push(`location = ${address} { ${file} ${added.join(" ")} }`);
  }
  const options = `access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;`;
  const process = `daemon off; master_process off; error_log stderr; pid ${dir}/nginx.pid;`;
  return startServer((port) => {
    const server = `server { listen 127.0.0.1:${port}; ${locations.join("\n")} }`;
    const config = path.join(dir, "nginx.conf");
    writeFileSync(config, `${process} events {} http { ${options} ${server} }`);
    return ["nginx", "-c", config];
  });
}

export async function measurePages(): Promise<string[]> {
  const { dir, remove } = await temporaryFolder();
  const site = await startProcess({ DATA_DIR: dir });
  const { origin } = site;
  const html = (await sent(origin + articlePath, {})).body.toString();
  const fontsAndIcon = [...new Set(resourcesOf(html))].filter((name) =>
    /(schibsted|literata)\.[^/]*woff2$|mark\.[^/]*svg$/.test(name),
  );
  const paths = [articlePath, ...fontsAndIcon];
  for (const address of paths) await respond(origin + address);
  await sleep(2_000); // the best compression follows the first request in the background
  const page = await respond(origin + articlePath);
  const known = { ...headers, "if-none-match": page.headers["etag"] ?? "" };
  const headers304 = (await respond(origin + articlePath, known)).headers;
  const file = path.join(dir, "page.json");
  const br = page.body.toString("base64");
  writeFileSync(file, JSON.stringify({ headers: page.headers, headers304, br, html }));
  const other = (kind: string) =>
    startServer((port) => [process.execPath, inBench("servers.js"), kind, `${port}`, file]);
  const [node, node304] = [await other("node"), await other("node304")];
  const [fastifyApp, ejsApp] = [await other("fastify"), await other("ejs")];
  const nginx = await startNginx(dir, origin, paths);

  const cpu = (server: Server, paths = ["/page"], requestHeaders = headers) =>
    cpuPerRequest(server, { paths, headers: requestHeaders });
  const measureAll = async () => {
    const [bare, ours] = [await cpu(node), await cpu(site, [articlePath])];
    const [bare304, ours304] = [await cpu(node304), await cpu(site, [articlePath], known)];
    const [fastify, ejs] = [await cpu(fastifyApp), await cpu(ejsApp)];
    const [visit, nginxVisit] = [await cpu(site, paths), await cpu(nginx, paths)];
    return {
      "cached page, CPU of bare node:http ÷ the site, goal ≥ 0.85": bare / ours,
      "304, CPU of bare node:http ÷ the site, goal ≥ 0.80": bare304 / ours304,
      "cached page, CPU of the EJS app ÷ the site, goal ≥ 40": ejs / ours,
      "cached page, CPU of bare node:http ÷ Fastify": bare / fastify,
      "whole visit, CPU of the site ÷ nginx, goal ≤ 1.60": visit / nginxVisit,
      "CPU per cached page, µs": ours,
      "CPU per 304, µs": ours304,
      "HTML and CSS of the article, brotli, bytes, goal ≤ 13,000": page.body.length,
    };
  };
  await measureAll(); // warms up
  const lines = await figures(measureAll);
  site.child.kill("SIGKILL");
  await site.exit;
  await remove();
  return lines;
}
