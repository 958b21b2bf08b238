// What the site is compared with: `node bench/servers.js KIND PORT FILE`. It is JavaScript because
// the package `compression` is not installed where only the site is.

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire, flushCompileCache } from "node:module";
import { DatabaseSync } from "node:sqlite";

const require = createRequire(import.meta.url);
const { createServer } = require("node:http"); // `import` would also load a WebSocket client
const [kind, port, file] = process.argv.slice(2);
const read = () => JSON.parse(readFileSync(file, "utf8"));
const listening = () => {
  flushCompileCache(); // these processes are killed
  console.log(`port=${port}`);
};

const servers = {
  /**
   * Bare node:http with one prepared page. It reads the two request headers that the site reads.
   * FILE has `headers`, `headers304` and `br`, the page in Base64.
   */
  node() {
    const { headers, headers304, br } = read();
    const body = Buffer.from(br, "base64");
    const prepared = Object.entries({ ...headers, "content-length": body.length }).flat();
    const prepared304 = Object.entries(headers304).flat();
    const acceptsBrotli = /\bbr\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i;
    const isKnown = (tags) => tags.split(/, */).includes(headers.etag);
    createServer((request, response) => {
      const tags = request.headers["if-none-match"];
      if (!acceptsBrotli.test(request.headers["accept-encoding"])) response.writeHead(406).end();
      else if (tags !== undefined && isKnown(tags)) response.writeHead(304, prepared304).end();
      else response.writeHead(200, prepared).end(body);
    }).listen(port, listening);
  },

  /**
   * The usual app: a template of forty pieces is rendered and compressed for each request. FILE has
   * `headers` and `pages`, the HTML by path.
   */
  async ejs() {
    const { headers, pages } = read();
    const [{ default: express }, { default: compression }, { default: ejs }] = await Promise.all([
      import("express"),
      import("compression"),
      import("ejs"),
    ]);
    const compiled = new Map();
    const compile = (html) => {
      const pieces = html.match(new RegExp(`[^]{1,${Math.ceil(html.length / 40)}}`, "g"));
      const template = pieces.map((_piece, index) => `<%- pieces[${index}] %><%= note %>`);
      const render = ejs.compile(template.join(""));
      return () => render({ pieces, note: "" });
    };
    const app = express();
    app.use(compression({ brotli: { enabled: true } }));
    app.use((request, response) => {
      if (!compiled.has(request.path)) compiled.set(request.path, compile(pages[request.path]));
      response.set(headers).send(compiled.get(request.path)());
    });
    app.listen(port, listening);
  },

  /** A minimal form: one validated insert, as durable as the site's. FILE is the database. */
  async posts() {
    const [{ default: express }, { z }] = await Promise.all([import("express"), import("zod")]);
    const database = new DatabaseSync(file);
    database.exec("pragma journal_mode=wal; pragma synchronous=full; pragma secure_delete=on");
    database.exec("create table inquiries (reference text primary key, answers text, at integer)");
    const insert = database.prepare("insert into inquiries values (?, ?, ?)");
    const text = z.string().trim().max(120);
    const email = z.email().max(254);
    const message = z.string().trim().min(1).max(20_000);
    const form = z.object({ name: text.min(1), email, company: text, kind: text, message });
    const app = express();
    app.post("/contact", express.urlencoded({ extended: false }), (request, response) => {
      const { data } = form.safeParse(request.body);
      if (!data) throw new Error("the form of the benchmark is wrong");
      const reference = randomUUID();
      insert.run(reference, JSON.stringify(data), Date.now());
      response.redirect(303, `/contact/received?ref=${reference}`);
    });
    app.listen(port, listening);
  },

  /** A process that imports packages and listens. FILE has their names. */
  async imports() {
    for (const name of read()) await import(name);
    createServer().listen(port, listening);
  },
};

await servers[kind]();
