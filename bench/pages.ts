// `npm run bench -- pages`: CPU time of a cached article page, of a 304, and of a whole first visit (page, two fonts, icon), compared with
// other servers that send the same bytes.

import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { resourcesOf } from "../test/support/html.ts";
import { freePort } from "../test/support/process.ts";
import { sent } from "../test/support/sent.ts";
import { temporaryFolder } from "../test/support/site.ts";
import {
  articlePath,
  figure,
  inBench,
  measureCpu,
  MissingError,
  needPrograms,
  ratios,
  startServer,
  storedResponse,
} from "./measure.ts";
import type { Part, Stored } from "./measure.ts";

const headers = { "accept-encoding": "br" };

/** One nginx process without a log. It makes its own ETag for each file. The other headers are those of the site. */
async function startNginx(dir: string, paths: string[], responses: Stored[]) {
  const locations = responses.map(
    ({ headers: { "content-type": type, etag: _etag, ...others } }, index) => {
      const added = Object.entries(others).map(
        ([name, value]) => `add_header ${name} ${JSON.stringify(value)};`,
      );
      return `location = ${paths[index]} { alias ${dir}/${index}; types {} default_type ${JSON.stringify(type)}; ${added.join(" ")} }`;
    },
  );
  for (const [index, { body }] of responses.entries())
    await writeFile(path.join(dir, `${index}`), body);
  const port = await freePort();
  const config = `daemon off; master_process off; error_log stderr; pid ${dir}/nginx.pid; events { worker_connections 512; }
    http {
      access_log off; server_tokens off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=16;
      server { listen 127.0.0.1:${port}; max_ranges 0; ${locations.join("\n")} }
    }`;
  const file = path.join(dir, "nginx.conf");
  await writeFile(file, config);
  const url = `http://127.0.0.1:${port}`;
  return { url, child: await startServer(url + articlePath, "nginx", ["-c", file]) };
}

export const run: Part = async ({ quick }) => {
  needPrograms("taskset", "wrk", "nginx");
  if (!existsSync(inBench("node_modules/fastify")))
    throw new MissingError("packages are not installed: npm ci --prefix bench");
  const { dir, remove } = await temporaryFolder();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const url = origin + articlePath;
  const entry = ["--require", "./src/check-node.cjs", "src/main.ts"]; // as npm start
  const child = await startServer(url, process.execPath, entry, {
    PORT: `${port}`,
    HOST: "127.0.0.1",
    DATA_DIR: dir,
  });
  const html = (await sent(url, {})).body.toString();
  const others = [...new Set(resourcesOf(html))].filter((name) =>
    /(schibsted|literata)\.[^/]*woff2$|mark\.[^/]*svg$/.test(name),
  );
  if (others.length !== 3)
    throw new Error(`expected two fonts and an icon, found ${others.join(", ")}`);
  const paths = [articlePath, ...others];
  const responses = await Promise.all(paths.map((path) => storedResponse(origin + path)));
  const [page] = responses as [Stored];
  const condition = { "if-none-match": page.headers["etag"] ?? "" };
  const notModified = await storedResponse(url, condition);
  const file = path.join(dir, "page.json");
  const content = {
    headers: page.headers,
    headers304: notModified.headers,
    br: page.body.toString("base64"),
    html,
  };
  await writeFile(file, JSON.stringify(content));
  const competitor = async (kind: string) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/page`;
    return {
      child: await startServer(url, process.execPath, [
        inBench("competitors.js"),
        kind,
        `${port}`,
        file,
      ]),
      url,
      headers,
    };
  };
  const visit = { headers, requests: paths };

  const servers = {
    bare: await competitor("node"),
    page: { child, url, headers },
    bare304: await competitor("node304"),
    notModified: { child, url, headers: { ...headers, ...condition } },
    fastify: await competitor("fastify"),
    ejs: await competitor("ejs"),
    visit: { child, url: origin, ...visit },
    nginxVisit: { ...(await startNginx(dir, paths, responses)), ...visit },
  };
  const cpu = await measureCpu(servers, quick);
  await remove();
  const bytes = responses.reduce((sum, { body }) => sum + body.length, 0);
  return {
    intro: `An article page of ${page.body.length} bytes (brotli), over 32 connections. Bare node:http sends a prepared buffer and headers, and
never reads the request. The EJS app renders and compresses a template per request, without any Markdown. A visit is the page, two fonts
and the icon, ${bytes} bytes; nginx is one process with sendfile.`,
    figures: [
      figure(
        "cached article page, CPU of bare node:http ÷ CPU of the site",
        ratios(cpu.bare, cpu.page),
        { digits: 2, atLeast: 0.85 },
      ),
      figure("304, CPU of bare node:http ÷ CPU of the site", ratios(cpu.bare304, cpu.notModified), {
        digits: 2,
        atLeast: 0.8,
      }),
      figure(
        "cached article page, CPU of the EJS app ÷ CPU of the site",
        ratios(cpu.ejs, cpu.page),
        { atLeast: 40 },
      ),
      figure(
        "cached article page, CPU of bare node:http ÷ CPU of Fastify",
        ratios(cpu.bare, cpu.fastify),
        { digits: 2 },
      ),
      figure("whole visit, CPU of the site ÷ CPU of nginx", ratios(cpu.visit, cpu.nginxVisit), {
        digits: 2,
        atMost: 2,
      }),
      figure("CPU per cached article page, µs", cpu.page, { digits: 1 }),
      figure("CPU per 304, µs", cpu.notModified, { digits: 1 }),
    ],
  };
};
