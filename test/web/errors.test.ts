// An error after a part of the response was sent: no page of the site can follow it.

import { createServer } from "node:http";
import express from "express";
import { parseConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { handleErrors } from "../../src/web/errors.ts";
import { listen } from "../support/listen.ts";

test("a response that fails half-way is cut off and logged once", async () => {
  const logged: string[] = [];
  const log = createLog("debug", "json", (line) =>
    logged.push((JSON.parse(line) as { msg: string }).msg),
  );
  const app = express();
  app.get("/", (_request, response) => {
    response.write("half");
    throw new Error("broken");
  });
  app.use(
    handleErrors({ show: () => logged.push("a page was shown"), log, config: parseConfig({}) }),
  );
  const server = createServer(app);
  const origin = await listen(server);
  await expect(fetch(origin).then((response) => response.text())).rejects.toThrow();
  expect(logged).toEqual(["a request failed"]);
  server.close();
});
