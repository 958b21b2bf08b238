// A webhook that records its calls.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "./listen.ts";

/** Starts a webhook. It responds with `status`, which a test may change. */
export async function startWebhook() {
  const webhook = { url: "", calls: [] as { text: string }[], status: 204, close: () => {} };
  const take = async (asked: IncomingMessage, response: ServerResponse) => {
    const isJson = asked.headers["content-type"] === "application/json";
    if (isJson) webhook.calls.push(JSON.parse(await text(asked)) as { text: string });
    response.writeHead(isJson ? webhook.status : 415).end();
  };
  const server = createServer((asked, response) => void take(asked, response));
  webhook.url = `${await listen(server)}/hook`;
  webhook.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return webhook;
}
