// The path of nginx. Empty: it is not installed.

import { spawnSync } from "node:child_process";

export const nginx =
  ["/usr/sbin/nginx", "nginx"].find((name) => spawnSync(name, ["-v"]).status === 0) ?? "";
export const nginxNeeded = "nginx (Debian: apt-get install nginx-light)";
