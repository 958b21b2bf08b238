// The nginx configuration of ops, with other ports and paths, in front of a site.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { need } from "./needs.ts";
import { opened } from "./opened.ts";
import { certificateFile, keyFile } from "./smtp-peer.ts";

const nginx =
  ["/usr/sbin/nginx", "nginx"].find((name) => spawnSync(name, ["-v"]).status === 0) ?? "";

/** A folder for its files, its two ports, and the origin of the site. */
type Options = { dir: string; http: number; https: number; site: string };

/**
 * Starts nginx until the test file ends, and resolves when it listens. The configuration is
 * `nginx.conf` in the folder.
 */
export async function startNginx(options: Options): Promise<void> {
  need(nginx !== "", "nginx (nginx-light)");
  const { dir, https } = options;
  const child = spawn(nginx, ["-e", "stderr", "-p", dir, "-c", writeConfiguration(options)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "close");
  opened.defer(async () => {
    child.kill("SIGQUIT");
    await ended;
  });
  for (let isListening = false; !isListening;) {
    if (child.exitCode !== null) throw new Error("nginx did not start");
    const socket = connect(https, "127.0.0.1");
    isListening = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
  }
}

function writeConfiguration({ dir, http, https, site }: Options): string {
  const file = path.resolve(import.meta.dirname, "../../ops/nginx.conf");
  const ours = readFileSync(file, "utf8")
    .replaceAll(/(listen (?:\[::\]:)?)80\b/g, `$1${http}`)
    .replaceAll(/(listen (?:\[::\]:)?)443\b/g, `$1${https}`)
    .replaceAll("cleansystems.dk", "localhost")
    .replace("http://127.0.0.1:3000", site)
    .replaceAll(/ssl_certificate .*;/g, `ssl_certificate ${certificateFile};`)
    .replaceAll(/ssl_certificate_key .*;/g, `ssl_certificate_key ${keyFile};`)
    .replace("/run/clean-systems-cache", path.join(dir, "cache"))
    .replace("/var/log/nginx", dir);
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  // A test names an IPv6 client, which this machine has no addresses for, in a header.
  const clients = "set_real_ip_from 127.0.0.0/8; real_ip_header X-Client;";
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const written = path.join(dir, "nginx.conf");
  const around = `${user} daemon off; pid ${dir}/pid; events { worker_connections 768; }`;
  writeFileSync(written, `${around} http { ${folders.join(" ")} ${clients} ${ours} }`);
  return written;
}
