// Other ways to serve the same page: `node bench/competitors.js KIND PORT PAGE`. PAGE is a JSON file with the headers and the bodies that the
// site answers with, so that all of them send the same bytes. "ejs" is what most teams write: the template rendered and compressed anew.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [kind, port, file] = process.argv.slice(2);
const { headers, headers304, br, html } = JSON.parse(readFileSync(file, "utf8"));
const body = Buffer.from(br, "base64");

const servers = {
  // The limit: Node's own server, one prepared buffer, prepared headers.
  async node() {
    const flat = Object.entries({ ...headers, "content-length": body.length }).flat();
    createServer((_request, response) => {
      response.writeHead(200, flat);
      response.end(body);
    }).listen(port);
  },

  async node304() {
    const flat = Object.entries(headers304).flat();
    createServer((_request, response) => {
      response.writeHead(304, flat).end();
    }).listen(port);
  },

  async fastify() {
    const { fastify } = await import("fastify");
    const app = fastify();
    app.get("/page", (_request, reply) => reply.headers(headers).send(body));
    await app.listen({ port });
  },

  async express() {
    const { default: express } = await import("express");
    const app = express();
    app.disable("x-powered-by");
    app.get("/page", (_request, response) => response.set(headers).send(body));
    app.listen(port);
  },

  // The page cut into a template of forty pieces that are escaped and put together for each request, then compressed.
  async ejs() {
    const [{ default: express }, { default: compression }, { default: ejs }] = await Promise.all(
      ["express", "compression", "ejs"].map((name) => import(name)),
    );
    const pieces = html.match(/[\s\S]{1,1200}/g);
    const render = ejs.compile(pieces.map((_piece, index) => `<%- pieces[${index}] %><%= note %>`).join(""));
    const app = express();
    app.use(compression({ brotli: { enabled: true } }));
    app.get("/page", (_request, response) => {
      const { "content-encoding": _coding, ...plain } = headers;
      response.set(plain).send(render({ pieces, note: "" }));
    });
    app.listen(port);
  },
};

await servers[kind]();
