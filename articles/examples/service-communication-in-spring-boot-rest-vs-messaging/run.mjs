// Runs the shop, the payments and a RabbitMQ on this machine, sends orders, and stops or kills one of the three meanwhile.
// Usage: run.mjs FOLDER, where Maven has put the classes and the libraries. run.sh does both.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const folder = process.argv[2];
const perSecond = 20;
const seconds = 12;
const faultAt = 2; // seconds
const faultEnds = 7; // seconds: the process is continued, or its restart is begun
const callerGivesUp = 30_000; // ms
const rabbitBin = "/usr/lib/rabbitmq/bin"; // where Debian has the scripts without a wrapper
const [shopPort, paymentsPort, brokerPort] = [48081, 48082, 48083];
const shop = `http://127.0.0.1:${shopPort}`;
const payments = `http://127.0.0.1:${paymentsPort}`;
const children = new Set();

const rabbitEnv = {
  ...process.env,
  HOME: folder, // for the Erlang cookie
  RABBITMQ_NODENAME: "example@localhost",
  RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
  RABBITMQ_NODE_PORT: `${brokerPort}`,
  RABBITMQ_DIST_PORT: "48084",
  ERL_EPMD_PORT: "48085",
  ERL_EPMD_ADDRESS: "127.0.0.1",
  ERL_EPMD_RELAXED_COMMAND_CHECK: "true", // so that epmd can be ended right after a broker was killed
  RABBITMQ_MNESIA_BASE: `${folder}/rabbit`,
  RABBITMQ_LOG_BASE: `${folder}/rabbit-log`,
  RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/rabbit-plugins`,
  RABBITMQ_PID_FILE: `${folder}/rabbit.pid`,
  RABBITMQ_CONF_ENV_FILE: "/dev/null",
};

function start(command, args, env, log) {
  const file = openSync(`${folder}/${log}`, "a");
  const child = spawn(command, args, { env, cwd: folder, stdio: ["ignore", file, file] });
  children.add(child);
  child.on("exit", () => children.delete(child));
  return child;
}

async function until(condition, what, timeoutMs = 180_000) {
  for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(50)) if (await condition()) return;
  throw new Error(`${what} did not happen within ${timeoutMs} ms`);
}

const rabbitctl = (...args) => spawnSync(`${rabbitBin}/rabbitmqctl`, ["-q", ...args], { env: rabbitEnv, encoding: "utf8" });

const isListening = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket.destroy() !== null));
    socket.on("error", () => resolve(false));
  });

async function startBroker() {
  start(`${rabbitBin}/rabbitmq-server`, [], rabbitEnv, "rabbit.out");
  await until(() => isListening(brokerPort), "the start of RabbitMQ");
}

/** Starts a service and waits until it responds. Only what is set here differs from Spring Boot's defaults. */
async function startService(main, port, settings) {
  const all = { "server.port": port, "server.address": "127.0.0.1", "spring.rabbitmq.port": brokerPort, "spring.main.banner-mode": "off", ...settings };
  const options = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
  const jvm = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp", `${folder}/classes:${folder}/lib/*`, main];
  const child = start(`${process.env.JAVA_HOME}/bin/java`, [...jvm, ...options], process.env, `${main}.out`);
  await until(() => fetch(`http://127.0.0.1:${port}/`).then((r) => r.arrayBuffer(), () => null), `the start of ${main}`);
  return child;
}

const startShop = (settings) =>
  startService("shop.Shop", shopPort, {
    "shop.payments": payments,
    "spring.datasource.url": `jdbc:h2:file:${folder}/shop;WRITE_DELAY=0`,
    "spring.threads.virtual.enabled": true,
    "spring.http.clients.connect-timeout": "2s",
    "spring.http.clients.read-timeout": "2s",
    ...settings,
  });

const startPayments = (settings) =>
  startService("payments.Payments", paymentsPort, {
    "payments.shop": shop,
    "spring.datasource.url": `jdbc:h2:file:${folder}/payments;WRITE_DELAY=0`,
    ...settings,
  });

/** RabbitMQ's own default instead of a quorum queue: run.mjs FOLDER classic. */
const queue = process.argv[3] === "classic" ? { "queue.type": "classic" } : {};
/** The settings of the shop for each way. */
const confirms = { "spring.rabbitmq.publisher-confirm-type": "correlated", "spring.rabbitmq.publisher-returns": true };
const ways = { rest: {}, send: {}, confirm: confirms, outbox: confirms };

async function stop(child, signal = "SIGKILL") {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

const brokerPid = () => Number(readFileSync(`${folder}/rabbit.pid`, "utf8"));
let paymentsProcess;
/** What happens to a process at faultAt, and at faultEnds. */
const faults = {
  "payments stopped": [() => paymentsProcess.kill("SIGSTOP"), () => paymentsProcess.kill("SIGCONT")],
  "payments killed": [() => paymentsProcess.kill("SIGKILL"), async () => (paymentsProcess = await startPayments())],
  "broker stopped": [() => process.kill(brokerPid(), "SIGSTOP"), () => process.kill(brokerPid(), "SIGCONT")],
  "broker killed": [() => process.kill(brokerPid(), "SIGKILL"), startBroker],
};
async function restartBroker() {
  process.kill(brokerPid(), "SIGKILL");
  await until(async () => !(await isListening(brokerPort)), "the end of RabbitMQ");
  await startBroker();
}
/** Two more faults, and a way with a limit for the opening of a channel too: run.mjs FOLDER frozen. */
const frozen = { "broker stopped": faults["broker stopped"], "stopped, killed": [faults["broker stopped"][0], restartBroker] };
const frozenWays = { send: {}, confirm: confirms, "confirm+": { ...confirms, "spring.rabbitmq.channel-rpc-timeout": "2s" } };
/** A broker that hangs and then dies, and a job that makes the REST calls, three times each: run.mjs FOLDER again. */
const repeats = 3;
const again = [
  ["stopped, killed", "send", {}],
  ["stopped, killed", "outbox", confirms],
  ["payments stopped", "job", {}],
  ["payments killed", "job", {}],
];

/** Orders, and returns [was accepted, waited for so many ms, cause]. */
async function order(id, way, query = "") {
  const from = performance.now();
  try {
    const response = await fetch(`${shop}/orders/${id}/${way.replace("+", "")}${query}`, { method: "POST", signal: AbortSignal.timeout(callerGivesUp) });
    return { id, yes: response.ok, ms: performance.now() - from, cause: response.headers.get("X-Cause") };
  } catch {
    return { id, yes: false, ms: performance.now() - from, cause: "no response" };
  }
}

async function deliveries() {
  const text = await fetch(`${payments}/deliveries`, { signal: AbortSignal.timeout(5000) }).then((r) => r.text(), () => null);
  return text === null ? null : text.split("\n").filter(Boolean);
}

/** Waits until nothing has been delivered for twelve seconds: a listener waits five before it connects again. */
async function quiet() {
  let [count, since] = [-1, Date.now()];
  await until(async () => {
    const now = (await deliveries())?.length ?? -1;
    if (now !== count) [count, since] = [now, Date.now()];
    return Date.now() - since > 12_000;
  }, "the end of deliveries", 120_000);
}

let runs = 0;
/** Counts what the callers were told and what was paid. */
async function run(name, way) {
  const [fault, end] = faults[name] ?? frozen[name];
  const run = `${name} ${way} ${++runs}`.replaceAll(/[^a-z0-9+]+/g, "-").replace("+", "-limited");
  await Promise.all(Array.from({ length: 50 }, (_, i) => order(`warm-${run}-${i}`, way)));
  const orders = [];
  const begin = Date.now();
  const at = (second) => sleep(begin + second * 1000 - Date.now());
  const meanwhile = at(faultAt).then(fault).then(() => at(faultEnds)).then(end).then(() => (Date.now() - begin) / 1000 - faultAt);
  for (let i = 0; i < perSecond * seconds; i++) {
    await at(i / perSecond);
    orders.push(order(`${run}-${i}`, way));
  }
  const results = await Promise.all(orders);
  const outage = await meanwhile;
  await quiet();
  const delivered = new Map();
  for (const id of await deliveries()) delivered.set(id, (delivered.get(id) ?? 0) + 1);
  const count = (test) => results.filter(test).length;
  const paid = ({ id }) => delivered.has(id);
  const cells = [
    count((r) => r.yes && paid(r)),
    count((r) => !r.yes && !paid(r)),
    count((r) => !r.yes && paid(r)),
    count((r) => r.yes && !paid(r)),
    count((r) => delivered.get(r.id) > 1),
  ];
  const longest = Math.max(...results.map((r) => r.ms)) / 1000;
  console.log(`${name.padEnd(18)}${way.padEnd(8)}${cells.map((n) => `${n}`.padStart(10)).join("")}${longest.toFixed(1).padStart(8)} s${outage.toFixed(1).padStart(8)} s`);
  const causes = Object.groupBy(results.filter((r) => !r.yes), (r) => r.cause);
  for (const [cause, all] of Object.entries(causes)) notes.push(`${name}, ${way}: ${all.length} × ${cause}`);
}
const notes = [];

async function main() {
  console.log(`${perSecond} orders a second for ${seconds} s; the fault lasts from second ${faultAt} to second ${faultEnds}, or until the restart is complete`);
  console.log("                                accepted   refused   refused  accepted");
  console.log("                                and paid  not paid  but paid  not paid     twice   longest    outage");
  await startBroker();
  paymentsProcess = await startPayments(queue);
  if (process.argv[3] === "classic") {
    for (const way of ["confirm", "outbox"]) {
      const shopProcess = await startShop({ ...confirms, ...queue });
      for (const name of ["broker killed", ...Object.keys(frozen)]) await run(name, way);
      await stop(shopProcess);
    }
    return;
  }
  if (process.argv[3] === "again") {
    for (const [fault, way, settings] of again) {
      const shopProcess = await startShop(settings);
      for (let i = 0; i < repeats; i++) await run(fault, way);
      await stop(shopProcess);
    }
    return;
  }
  if (process.argv[3] === "channels") {
    // confirms with a broker that is stopped, by the number of channels that Spring caches: 25 by default
    for (const size of [5, 25, 50]) {
      const shopProcess = await startShop({ ...confirms, "spring.rabbitmq.cache.channel.size": size });
      console.log(`${size} channels cached`);
      for (let i = 0; i < repeats; i++) await run("broker stopped", "confirm");
      await stop(shopProcess);
    }
    return;
  }
  if (process.argv[3] === "frozen") {
    for (const [way, settings] of Object.entries(frozenWays)) {
      const shopProcess = await startShop(settings);
      for (const name of Object.keys(frozen)) await run(name, way);
      await stop(shopProcess);
    }
    console.log(`\nWhy orders were refused\n${notes.join("\n")}`);
    return;
  }
  const lost = [];
  for (const [way, settings] of Object.entries(ways)) {
    const shopProcess = await startShop(settings);
    for (const name of Object.keys(faults)) if (way !== "rest" || !name.startsWith("broker")) await run(name, way);
    if (way === "send") lost.push(await misspelt("send", "send"));
    if (way === "confirm") {
      lost.push(await misspelt("ack-only", "acknowledgement only"));
      lost.push(await misspelt("confirm", "acknowledgement and returns"));
    }
    await stop(shopProcess);
  }
  console.log(`\nWhy orders were refused\n${notes.join("\n")}`);
  console.log(`\n100 orders to a queue that does not exist\n${lost.join("\n")}`);
  const shopProcess = await startShop({});
  await neverHandled();
  await addresses();
  await stop(shopProcess);
}

/** The shop sends to a queue that does not exist. */
async function misspelt(way, label) {
  const results = await Promise.all(Array.from({ length: 100 }, (_, i) => order(`lost-${way}-${i}`, way, "?queue=paymets")));
  const yes = results.filter((r) => r.yes).length;
  return `${label.padEnd(28)}${yes} accepted, ${100 - yes} refused`;
}

/** A message whose listener always throws. */
async function neverHandled() {
  console.log("\nOne message whose listener throws, in a quorum queue");
  for (const queue of ["broken", "broken-kept"]) {
    await order("1", "send", `?queue=${queue}`);
    await sleep(10_000);
    const attempts = await fetch(`${payments}/broken`).then((r) => r.text());
    const left = rabbitctl("list_queues", "--no-table-headers", "name", "messages").stdout.split("\n").map((line) => line.split("\t"));
    const messages = (name) => left.find(([n]) => n === name)?.[1];
    console.log(`${queue.padEnd(14)}${attempts} attempts; messages in ${queue}: ${messages(queue)}, in given-up: ${messages("given-up")}`);
  }
}

/** 300 changes of ten customers' addresses, while the receivers are down. */
async function addresses() {
  console.log("\n300 changes of 10 customers, received after an outage");
  await stop(paymentsProcess);
  for (let i = 0; i < 300; i++) await fetch(`${shop}/customers/${i % 10}/address-${i}`, { method: "PUT" });
  paymentsProcess = await startPayments();
  const seen = (kind) => fetch(`${payments}/seen/${kind}`).then((r) => r.text());
  for (const kind of ["asks", "is sent"]) {
    await until(async () => (await seen(kind)).startsWith("300 "), "300 messages");
    const [all, distinct] = (await seen(kind)).split(" ");
    console.log(`receiver that ${kind.padEnd(10)}${all} messages, ${distinct} addresses seen`);
  }
}

process.once("SIGTERM", () => process.exit(1));
process.on("exit", () => {
  if (existsSync(`${folder}/rabbit.pid`)) for (const signal of ["SIGCONT", "SIGKILL"]) kill(brokerPid(), signal);
  for (const child of children) kill(child.pid, "SIGKILL");
  spawnSync("epmd", ["-kill"], { env: rabbitEnv });
});
await main();
process.exit();
