// The nginx configuration of ops, with other ports and paths, in front of a real process.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { connect } from "node:net";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { hiddenFields } from "../src/inquiries/form.ts";
import { readers } from "../src/cli/readers.ts";
import { callCommand, runCommand } from "./support/command.ts";
import { need } from "./support/needs.ts";
import { opened } from "./support/opened.ts";
import { freePort, startProcess } from "./support/process.ts";
import { sent } from "./support/sent.ts";
import { filledForm, productionEnv, temporaryFolder } from "./support/site.ts";
import { certificateFile, keyFile } from "./support/smtp-peer.ts";

const nginx =
  ["/usr/sbin/nginx", "nginx"].find((name) => spawnSync(name, ["-v"]).status === 0) ?? "";
need(nginx !== "", "nginx (nginx-light)");
const formType = "application/x-www-form-urlencoded";

const { dir } = await temporaryFolder();
const [http, https] = [await freePort(), await freePort()];
const origin = `https://localhost:${https}`;
const site = await startProcess({
  ...productionEnv,
  DATA_DIR: path.join(dir, "data"),
  HOST: "127.0.0.1",
  SITE_URL: origin,
  TRUST_PROXY: "1",
  INQUIRIES_PER_10_MINUTES: "2",
});
const [configuration, pid] = [path.join(dir, "nginx.conf"), path.join(dir, "pid")];
const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
  (name) => `${name}_temp_path ${dir}/${name};`,
);
// A test names an IPv6 client, which this machine has no addresses for, in a header.
const clients = "set_real_ip_from 127.0.0.0/8; real_ip_header X-Client;";
const ours = readFileSync(path.resolve(import.meta.dirname, "../ops/nginx.conf"), "utf8")
  .replace("user www-data;", process.getuid?.() === 0 ? "user root;" : "")
  .replace("pid /run/nginx.pid;", `pid ${pid};`)
  .replace("include /etc/nginx/conf.d/*.conf;", `${folders.join(" ")} ${clients}`)
  .replaceAll(/(listen (?:\[::\]:)?)80\b/g, `$1${http}`)
  .replaceAll(/(listen (?:\[::\]:)?)443\b/g, `$1${https}`)
  .replaceAll("cleansystems.dk", "localhost")
  .replace("http://127.0.0.1:3000", site.origin)
  .replaceAll(/ssl_certificate .*;/g, `ssl_certificate ${certificateFile};`)
  .replaceAll(/ssl_certificate_key .*;/g, `ssl_certificate_key ${keyFile};`)
  .replace("/var/log/nginx", dir)
  .replace("/var/log/clean-systems", dir);
writeFileSync(configuration, ours);
const options = ["-e", "stderr", "-p", dir, "-c", configuration];
const { status } = spawnSync(nginx, options, { stdio: ["ignore", "ignore", "inherit"] });
if (status !== 0) throw new Error("nginx did not start"); // when it has, it listens
opened.defer(async () => {
  process.kill(Number(readFileSync(pid, "utf8")), "SIGQUIT");
  while (existsSync(pid)) await sleep(20);
});

/** Sends a request to nginx from an address of this machine. */
async function ask(
  address: string,
  options: { method?: string; headers?: Record<string, string>; servername?: string } = {},
  { body = "", from = "127.0.0.1" } = {},
) {
  const headers = { Host: "localhost", ...options.headers };
  const tls = { ca: readFileSync(certificateFile), servername: "localhost" };
  const connection = { localAddress: from, family: 4, agent: false };
  const asked = request(origin + address, { ...tls, ...connection, ...options, headers });
  const [response] = (await once(asked.end(body), "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

function post(message: string, from: string, forged: string) {
  const email = "priya@cleansystems.dk";
  const confirmed = { [hiddenFields.replyTo]: email }; // tests ask no DNS
  const body = new URLSearchParams({ ...filledForm, email, ...confirmed, message }).toString();
  const headers = { "Content-Type": formType, "X-Forwarded-For": forged, Origin: origin };
  return ask("/contact", { method: "POST", headers }, { body, from });
}

const ofTheConnection = "connection keep-alive date server transfer-encoding content-length".split(
  " ",
);
const without = (headers: IncomingHttpHeaders | Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheConnection.includes(name)));

test.each(["/articles", "/feed.atom", "/nothing-here", "/robots.txt"])(
  "%s is the same with and without the proxy, in each encoding",
  async (address) => {
    for (const coding of ["br", "gzip", "identity"]) {
      const headers = { "Accept-Encoding": coding };
      const straight = await sent(site.origin + address, headers);
      for (let time = 1; time <= 2; time += 1) {
        const proxied = await ask(address, { headers });
        expect(proxied.status).toBe(straight.status);
        if (straight.status === 200) expect(proxied.body.equals(straight.body)).toBe(true);
        const [ours, theirs] = [without(straight.headers), without(proxied.headers)];
        expect(theirs).toEqual(straight.status === 200 ? ours : { ...ours, etag: theirs["etag"] });
      }
    }
  },
);

test("readers are counted by article, and nothing else is noted", async () => {
  const article = "/articles/when-clients-hate-your-work";
  const browser = { headers: { "Sec-Fetch-Dest": "document" } };
  for (let time = 1; time <= 3; time += 1) expect((await ask(article, browser)).status).toBe(200);
  await ask("/services?from=mail", browser);
  await ask(article, {}); // a program
  const others = [
    `/staff/${"0".repeat(32)}`,
    "/drafts/x",
    "/articles/priya@fjord.dk",
    "/search?q=a",
  ];
  for (const address of others) await ask(address, browser);
  const [name = ""] = globSync("readers-*.log", { cwd: dir });
  const file = path.join(dir, name);
  expect(readFileSync(file, "utf8")).not.toMatch(/staff|drafts|priya|search|127\.|mail|\?/);
  expect(await callCommand(readers, [file], {})).toEqual({
    code: 0,
    out: ` READERS  ARTICLE\n       3  ${article}\n READERS  PAGE\n       1  /services\n`,
    err: "",
  });
});

test("inquiries are limited by address, whatever X-Forwarded-For says", async () => {
  const statuses: (number | undefined)[] = [];
  for (const number of [1, 2, 3])
    statuses.push((await post(`number ${number}`, "127.0.0.3", `198.51.100.${number}`)).status);
  expect(statuses).toEqual([303, 303, 429]);
  const neighbour = await post("from another address", "127.0.0.2", "127.0.0.1");
  expect(neighbour.status).toBe(303);
  const receipt = await ask(neighbour.headers.location ?? "");
  expect(receipt.body.toString()).toContain("Your message is with us.");
});

test("the live check succeeds through nginx, and doctor sees the certificate", async () => {
  const env = { DATA_DIR: path.join(dir, "data"), NODE_EXTRA_CA_CERTS: certificateFile };
  const { out } = await runCommand("doctor", ["--live-check", origin], env);
  expect(out).toMatch(/^PASS {2}live check: https:\/\/localhost:\d+ stored CS-/);
  const doctor = await runCommand("doctor", [], { ...env, SITE_URL: origin });
  expect(doctor.out).toMatch(/certificate: it ends in \d+ days/);
});

test("what is wrong with the site is not said through nginx", async () => {
  const { status, body } = await ask("/problems");
  expect([status, body.toString()]).toEqual([200, "ok\n"]);
});

test("half requests of one client keep no visitor out", async () => {
  const halves = Array.from({ length: 1_700 }, () => connect(https, "127.0.0.1"));
  await Promise.all(halves.map((half) => once(half, "connect")));
  for (const half of halves) half.write(Buffer.from([0x16, 3, 1])); // TLS begins with these
  const visitors = Array.from({ length: 30 }, () => ask("/articles", {}, { from: "127.0.0.7" }));
  const statuses = (await Promise.all(visitors)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const connected = performance.now();
  for (const half of halves) half.on("error", () => {}).resume();
  await Promise.all(
    halves.filter(({ destroyed }) => !destroyed).map((half) => once(half, "close")),
  );
  expect(performance.now() - connected).toBeLessThan(15_000);
});

test("a client that sends too many requests gets 429, and others do not", async () => {
  const requests = Array.from({ length: 300 }, () => ask("/robots.txt", {}, { from: "127.0.0.9" }));
  const statuses = (await Promise.all(requests)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect((await ask("/robots.txt")).status).toBe(200);
});

test("all addresses of an IPv6 client's /48 share its limits", async () => {
  const search = (client: string) => ask("/search?q=queue", { headers: { "X-Client": client } });
  const network = Array.from({ length: 60 }, (_, one) => search(`2001:db8:1:${one % 4}::${one}`));
  const statuses = (await Promise.all(network)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(50);
  expect((await search("2001:db8:2::1")).status).toBe(200);
});

test("of many searches a few are served, and other pages still are", async () => {
  const from = { from: "127.0.0.8" };
  const searches = Array.from({ length: 60 }, () => ask("/search?q=queue", {}, from));
  const statuses = (await Promise.all(searches)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200).length).toBeLessThan(50);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect((await ask("/articles", {}, from)).status).toBe(200);
});

test.each([
  ["POST", "/contact", 900_000, 413],
  ["POST", "/nowhere", 200_000, 404],
  ["PUT", "/privacy", 200_000, 405],
  ["ZQ", "/none", 200_000, 405],
  ["GET", "/contact?kind=team", 200_000, 200],
])("%s %s with an unread body of %i bytes gets its page", async (method, address, size, status) => {
  const headers = { "Content-Type": formType, Origin: origin };
  const body = "x".repeat(size);
  const all = Array.from({ length: 150 }, (_, number) =>
    ask(address, { method, headers }, { body, from: `127.0.10.${1 + number}` }),
  );
  const statuses = (await Promise.all(all)).map((response) => response.status);
  expect(new Set(statuses)).toEqual(new Set([status]));
});

test("nginx speaks HTTP/2, and redirects http to https", async () => {
  const session = connectHttp2(origin, { ca: readFileSync(certificateFile) });
  const stream = session.request({ ":path": "/readyz" });
  expect((await buffer(stream)).toString()).toBe('{"ready":true}');
  session.close();
  const { status, headers } = await sent(`http://127.0.0.1:${http}/articles?page=2`, {
    Host: "localhost",
  });
  expect(status).toBe(301);
  expect(headers["location"]).toBe("https://localhost/articles?page=2");
});
