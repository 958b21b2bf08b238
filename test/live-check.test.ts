// `doctor --live-check`: what it checks of a real site, one sentence for each way to fail, and what
// it finds around the site.

import { existsSync } from "node:fs";
import { stat, utimes, writeFile } from "node:fs/promises";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import path from "node:path";
import { text } from "node:stream/consumers";
import { doctor } from "../src/cli/doctor.ts";
import { stoppedTimers, uncheckedRelease } from "../src/cli/live-check.ts";
import { callCommand } from "./support/command.ts";
import { listen } from "./support/listen.ts";
import { buildTestSite, postForm, temporaryFolder } from "./support/site.ts";

const now = new Date();
const site = await buildTestSite({ now });
const { dataDir } = site.config;
const check = (url: string) => callCommand(doctor, ["--live-check", url], { DATA_DIR: dataDir });

test("a check of a site that works leaves nothing in the store", async () => {
  for (let time = 1; time <= 3; time += 1)
    expect(await check(site.origin)).toEqual({
      code: 0,
      out: expect.stringMatching(
        /^PASS {2}live check: http\S+ stored CS-\S+, which is deleted again\nPASS {2}live check: http\S+ showed \/ and \/articles\/\S+\n$/,
      ),
      err: "",
    });
  expect(await site.store.list()).toEqual([]);
  expect(existsSync(path.join(dataDir, "erased-references.txt"))).toBe(false);
});

test("a check without an address lists the problems of /health and fails", async () => {
  const other = await buildTestSite({ now });
  const reference = await postForm(other);
  other.clock.now = new Date(now.getTime() + 10 * 86_400_000);
  await other.worker.pass();
  const { dataDir } = other.config;
  const { origin, port } = new URL(other.origin);
  const env = { DATA_DIR: dataDir, SITE_URL: origin, HOST: "127.0.0.1", PORT: port };
  const overdue = `FAIL  overdue: 1 (${reference}); see npm run inquiries -- list overdue\n`;
  expect(await callCommand(doctor, ["--live-check"], env)).toMatchObject({
    code: 1,
    out: expect.stringMatching(RegExp(`^${RegExp.escape(overdue)}PASS.*\nPASS.*\n$`)),
  });
  // A deployment passes an address: no inquiry may refuse a release.
  expect(await callCommand(doctor, ["--live-check", origin], env)).toMatchObject({ code: 0 });
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
  const { code, err } = await check(await listen(proxy));
  expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(sentence) });
  expect(err).toMatch(/^live check failed at .*\.\n$/);
});

test("a timer that has started nothing for too long is named", async () => {
  const { dir } = await temporaryFolder();
  const stamp = async (timer: string, hours: number) => {
    const file = path.join(dir, `stamp-${timer}.timer`);
    await writeFile(file, "");
    const time = now.getTime() / 1_000 - hours * 3_600;
    await utimes(file, time, time);
  };
  for (const timer of ["clean-systems-daily-check", "certbot", "apt-daily-upgrade"])
    await stamp(timer, 24);
  await stamp("pull-articles", 0.1);
  await stamp("clean-systems-backup", 26);
  expect(stoppedTimers(now, dir)).toEqual([
    "clean-systems-live-check.timer has started nothing for 1 h: systemctl -q enable --now clean-systems-live-check.timer",
    "clean-systems-backup.timer has started nothing for 25 h: systemctl -q enable --now clean-systems-backup.timer",
  ]);
  expect(stoppedTimers(now, path.join(dir, "none"))).toEqual([]); // a container
});

test("a release whose deployment was killed is a problem after five minutes", async () => {
  const { dir } = await temporaryFolder();
  const file = path.join(dir, "served.json");
  const rows = [{ number: 1, servedSince: "2026-11-24T09:00:00.000Z" }, { number: 2 }];
  await writeFile(file, JSON.stringify(rows));
  const written = (await stat(file)).mtimeMs;
  const problems = (number: string, minutes: number) =>
    uncheckedRelease(new Date(written + minutes * 60_000), path.join(dir, number));
  expect(problems("2", 4)).toEqual([]);
  expect(problems("2", 6)).toEqual(["release 2 has not passed its checks: deploy --back"]);
  expect(problems("1", 6)).toEqual([]);
});
