// A response as it was sent: supertest and fetch would decode its body.

import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";

export async function sent(url: string, requestHeaders: Record<string, string>) {
  const [response] = (await once(get(url, { headers: requestHeaders }), "response")) as [
    IncomingMessage,
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const headers = response.headers as Record<string, string>;
  return { status: response.statusCode, headers, body: Buffer.concat(chunks) };
}
