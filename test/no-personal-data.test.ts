// A canary in everything that a visitor can send, with a mail server that quotes it back: nothing that the process prints holds it.

import { once } from "node:events";
import { startProcess } from "./support/process.ts";
import { filledForm, productionEnv, temporaryFolder } from "./support/site.ts";
import { refusal, startSmtpPeer } from "./support/smtp-peer.ts";

test("production logs ids, routes, statuses and durations, and no word of a visitor", async () => {
  const { dir, remove } = await temporaryFolder();
  const echo = (callback: (error: Error) => void) =>
    callback(refusal(554, "5.7.1 Kanariefugl <kanarie@kanarie.example> wrote: kanarie, which we refuse"));
  const peer = await startSmtpPeer({
    onData(stream, _session, callback) {
      stream.resume().on("end", () => echo(callback));
    },
  });
  const settings = { ...productionEnv, HOST: "127.0.0.1", SMTP_URL: peer.url, SMTP_REQUIRE_TLS: "false" };
  const site = await startProcess({ ...settings, DATA_DIR: dir, LOG_LEVEL: "debug", TRUST_PROXY: "loopback" });

  const headers = {
    "User-Agent": "kanarie/1",
    Referer: "https://kanarie.example/",
    "X-Forwarded-For": "203.0.113.77",
    "X-Request-Id": "kanarie@kanarie.example",
    Cookie: "kanarie=1",
    Accept: "text/html; kanarie",
  };
  const ask = async (address: string, init: RequestInit = {}) =>
    (await fetch(site.origin + address, { headers, redirect: "manual", ...init })).status;
  const field = Object.keys(filledForm).map((name) => [name, "Kanariefugl"] as const);
  const body = (changes: Record<string, string>) => new URLSearchParams({ ...filledForm, ...changes });
  const words = { name: "Kanariefugl", email: "kanarie@kanarie.example", company: "Kanarie ApS", message: "kanarie" };
  const statuses = [
    await ask("/contact", { method: "POST", body: body(words) }),
    await ask("/contact", { method: "POST", body: body(Object.fromEntries(field)) }),
    await ask("/contact?kanarie=1", { method: "POST", body: "kanarie", headers: { ...headers, "Content-Type": "text/kanarie" } }),
    await ask("/contact", { method: "POST", body: body(words), headers: { ...headers, Origin: "https://kanarie.example" } }),
    await ask("/kanarie/%20kanarie?kanarie"),
    await ask("/topics/kanarie%zz"),
    await ask("/search?q=kanarie"),
    await ask("/contact/received?ref=kanarie"),
    await ask("/articles/kanarie", { method: "DELETE" }),
    await ask("/livez", { headers: { ...headers, kanarie: "x".repeat(20_000) } }),
  ];
  expect(statuses).toEqual([303, 422, 415, 403, 404, 400, 200, 404, 405, 431]);
  while (!site.output().includes("mail could not be sent")) await once(site.child.stdout ?? site.child, "data");
  site.child.kill("SIGTERM");
  expect(await site.exit).toBe(0);
  await peer.close();
  await remove();

  expect(site.output()).toContain("554");
  expect(site.output()).not.toMatch(/kanarie|203\.0\.113/i);
  const lines = site.output().trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toContainEqual({
    level: "info",
    time: expect.any(String),
    request: expect.stringMatching(/^[\da-f-]{36}$/),
    method: "POST",
    route: "/contact",
    status: 303,
    ms: expect.any(Number),
    msg: "request",
  });
});
