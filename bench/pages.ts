// Measures the CPU time of a cached article page, of a 304 and of a whole first visit, compared
// with other servers that send the same bytes, and counts the bytes of a first visit.

import { writeFileSync } from "node:fs";
import path from "node:path";
import { resourcesOf } from "../test/support/html.ts";
import { startProcess } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import { cpuPerRequest, figures, startOther, startServer, type Server } from "./measure.ts";

const articlePath = "/articles/handing-work-over-across-time-zones";
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
  const { dir } = await temporaryFolder({ onDisk: true });
  const site = await startProcess({ DATA_DIR: dir });
  const { origin } = site;
  const html = (await sent(origin + articlePath, {})).body.toString();
  const fontsAndIcon = [...new Set(resourcesOf(html))].filter((name) =>
    /(schibsted|literata)\.[^/]*woff2$|mark\.[^/]*svg$/.test(name),
  );
  const paths = [articlePath, ...fontsAndIcon];
  for (const address of paths) await respond(origin + address);
  const page = await respond(origin + articlePath);
  const known = { ...headers, "if-none-match": page.headers["etag"] ?? "" };
  const headers304 = (await respond(origin + articlePath, known)).headers;
  const write = (name: string, content: object) => {
    writeFileSync(path.join(dir, name), JSON.stringify(content));
    return path.join(dir, name);
  };
  const { "content-encoding": _coding, ...plain } = page.headers;
  const br = page.body.toString("base64");
  const node = await startOther("node", write("node", { headers: page.headers, headers304, br }));
  const usual = write("ejs", { headers: plain, pages: { "/": html, [articlePath]: html } });
  const ejsApp = await startOther("ejs", usual);
  const nginx = await startNginx(dir, origin, paths);

  const cpu = (server: Server, addresses = [articlePath], requestHeaders = headers) =>
    cpuPerRequest(server, { paths: addresses, headers: requestHeaders });
  const measureAll = async () => {
    const [bare, cached] = [await cpu(node), await cpu(site)];
    const [bare304, cached304] = [
      await cpu(node, [articlePath], known),
      await cpu(site, [articlePath], known),
    ];
    const ejs = await cpu(ejsApp);
    const [visit, nginxVisit] = [await cpu(site, paths), await cpu(nginx, paths)];
    return {
      "cached page, CPU of bare node:http ÷ the site, goal ≥ 0.95": bare / cached,
      "304, CPU of bare node:http ÷ the site, goal ≥ 0.95": bare304 / cached304,
      "cached page, CPU of the EJS app ÷ the site, goal ≥ 40": ejs / cached,
      "whole visit, CPU of the site ÷ nginx, goal ≤ 1.8": visit / nginxVisit,
      "CPU per cached page, µs": cached,
      "HTML and CSS of the article, brotli, bytes, goal ≤ 13,000": page.body.length,
    };
  };
  await measureAll(); // warms up
  return figures(measureAll);
}
