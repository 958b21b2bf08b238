// `npm run doctor -- --live-check URL` as a timer runs it: a real process that checks a real site, and
// prints one sentence for each way to fail.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import path from "node:path";
import { text } from "node:stream/consumers";
import { runCommand } from "./support/command.ts";
import { listen } from "./support/listen.ts";
import { startProcess, submit } from "./support/process.ts";
import { temporaryFolder } from "./support/site.ts";
import { answers, openStore, plain } from "./support/store.ts";

const { dir, remove } = await temporaryFolder();
const site = await startProcess({ DATA_DIR: dir, INQUIRIES_PER_10_MINUTES: "0" });
await submit(site.origin);
afterAll(async () => {
  await site.stop();
  await remove();
});

const doctor = (url: string, env: Record<string, string> = {}) =>
  runCommand("doctor", ["--live-check", url], { DATA_DIR: dir, ...env });

test("a check of a site that works leaves nothing in the store", async () => {
  for (let time = 1; time <= 3; time += 1) {
    const { code, out } = await doctor(site.origin);
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^PASS {2}live check: http\S+ stored CS-\S+, which is deleted again\nPASS {2}live check: http\S+ showed \/ and \/articles\/\S+\n$/,
      ),
    });
  }
  const store = await openStore(dir);
  expect((await store.list()).map(({ delivery }) => delivery.state)).toEqual(["sent"]);
  await store.close();
  expect(existsSync(path.join(dir, "erased-references.txt"))).toBe(false);
});

test("a check without an address lists the problems of /health and fails", async () => {
  const folder = await temporaryFolder();
  const store = await openStore(folder.dir);
  const hourAgo = new Date(Date.now() - 3_600_000);
  const deadlines = { answerBy: hourAgo, promisedBy: undefined };
  const { inquiry } = await store.accept(answers, { ...plain, ...deadlines }, hourAgo);
  const claim = await store.claimDue("test", hourAgo, 60_000);
  if (claim) await store.settle(claim, { sentAt: hourAgo });
  await store.close();
  const other = await startProcess({ DATA_DIR: folder.dir });
  const env = { DATA_DIR: folder.dir, SITE_URL: other.origin, PORT: new URL(other.origin).port };
  const overdue = `FAIL  overdue: 1 (${inquiry.reference}); see npm run inquiries -- list overdue\n`;
  expect(await runCommand("doctor", ["--live-check"], env)).toMatchObject({
    code: 1,
    out: expect.stringMatching(RegExp(`^${RegExp.escape(overdue)}PASS.*\nPASS.*\n$`)),
  });
  // A deployment passes an address: no inquiry may refuse a release.
  expect(await runCommand("doctor", ["--live-check", other.origin], env)).toMatchObject({
    code: 0,
  });
  await other.stop();
  await folder.remove();
});

test("doctor warns of a certificate that ends within two weeks", async () => {
  const [key, cert] = [path.join(dir, "key.pem"), path.join(dir, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const options = "req -x509 -newkey rsa:2048 -nodes -days 5".split(" ");
  const files = ["-keyout", key, "-out", cert];
  execFileSync("openssl", [...options, ...files, ...subject], { stdio: "ignore" });
  const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) });
  const SITE_URL = (await listen(server)).replace("http://127.0.0.1", "https://localhost");
  const env = { DATA_DIR: dir, SITE_URL };
  expect((await runCommand("doctor", [], env)).out).toMatch(
    /^FAIL {2}certificate: it ends in [45] days: run certbot renew, or replace your own$/m,
  );
  expect((await doctor(SITE_URL)).err).toMatch(
    /at HTTP: GET \/contact got no response: self-signed/,
  );
  server.close();
});

/** Passes a request on to the site, and changes the page that it responds with. */
async function passOn(
  asked: IncomingMessage,
  response: ServerResponse,
  change = (html: string) => html,
) {
  const { method = "", url = "" } = asked;
  const body = method === "POST" ? new URLSearchParams(await text(asked)) : null;
  const answer = await fetch(site.origin + url, { method, body, redirect: "manual" });
  const location = answer.headers.get("location") ?? "";
  response.writeHead(answer.status, { Location: location }).end(change(await answer.text()));
}
const isPost = ({ method }: IncomingMessage) => method === "POST";

test.each<[string, RegExp, RequestListener]>([
  [
    "a proxy without a site",
    /HTTP: GET \/contact returned 502 instead of 200/,
    (_asked, response) => response.writeHead(502).end(),
  ],
  [
    "a page without the form",
    /form: \/contact is not the form/,
    (asked, response) => void passOn(asked, response, (html) => html.replace('name="email"', "")),
  ],
  [
    "a form that refuses everybody, behind a cache with the form of an earlier release,",
    /HTTP: POST \/contact returned 403 instead of 303/,
    (asked, response) => {
      if (isPost(asked)) response.writeHead(403).end();
      else if (asked.url === "/contact") response.end("An earlier release");
      else void passOn(asked, response);
    },
  ],
  [
    "a form that posts to a page that does not exist",
    /HTTP: POST \/kontakt returned 404 instead of 303/,
    (asked, response) =>
      void passOn(asked, response, (html) =>
        html.replace('action="/contact?sent"', 'action="/kontakt"'),
      ),
  ],
  [
    "a form that thanks and stores nothing",
    /store: CS-0000-0000 is not in the store of these settings as a live check/,
    (asked, response) => {
      const Location = "/contact/received?ref=CS-0000-0000";
      if (isPost(asked)) response.writeHead(303, { Location }).end();
      else void passOn(asked, response);
    },
  ],
  [
    "an article that cannot be shown",
    /HTTP: GET \/articles\/\S+ returned 500 instead of 200/,
    (asked, response) => {
      if (asked.url?.startsWith("/articles/")) response.writeHead(500).end();
      else void passOn(asked, response);
    },
  ],
  [
    "a site that does not respond",
    /HTTP: GET \/contact got no response: /,
    (asked) => asked.socket.destroy(),
  ],
])("%s is reported in one sentence", async (_what, sentence, answers) => {
  const proxy = createServer(answers);
  const { code, err } = await doctor(await listen(proxy));
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(sentence) });
  expect(err).toMatch(/^live check failed at .*\.\n$/);
  proxy.closeAllConnections();
  proxy.close();
});
