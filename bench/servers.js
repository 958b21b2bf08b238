// Other servers of the same page: `node bench/servers.js KIND PORT PAGE`. PAGE is a JSON file with
// the headers and bodies of the site's response, so that all servers send the same bytes. It is
// JavaScript because their packages are not installed where only the site is.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [kind, port, file] = process.argv.slice(2);
const { headers, headers304, br, html } = JSON.parse(readFileSync(file, "utf8"));
const body = Buffer.from(br, "base64");

const servers = {
  /** Bare node:http: Node's HTTP server, one prepared buffer and prepared headers. */
  node() {
    const prepared = Object.entries({ ...headers, "content-length": body.length }).flat();
    createServer((_request, response) => response.writeHead(200, prepared).end(body)).listen(port);
  },

  node304() {
    const prepared = Object.entries(headers304).flat();
    createServer((_request, response) => response.writeHead(304, prepared).end()).listen(port);
  },

  async fastify() {
    const { fastify } = await import("fastify");
    const app = fastify();
    app.get("/page", (_request, reply) => reply.headers(headers).send(body));
    await app.listen({ port });
  },

  /** The usual app: a template of forty pieces is rendered and compressed for each request. */
  async ejs() {
    const names = ["express", "compression", "ejs"];
    const [{ default: express }, { default: compression }, { default: ejs }] = await Promise.all(
      names.map((name) => import(name)),
    );
    const { "content-encoding": _coding, ...plain } = headers;
    const pieces = html.match(new RegExp(`[^]{1,${Math.ceil(html.length / 40)}}`, "g"));
    const render = ejs.compile(
      pieces.map((_piece, index) => `<%- pieces[${index}] %><%= note %>`).join(""),
    );
    const app = express();
    app.use(compression({ brotli: { enabled: true } }));
    app.get("/page", (_request, response) =>
      response.set(plain).send(render({ pieces, note: "" })),
    );
    app.listen(port);
  },
};

await servers[kind]();
