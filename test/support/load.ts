// Visitors who read and write simultaneously over keep-alive connections, and a record of how each
// request ended.

import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { filledForm } from "./site.ts";

export type Account = {
  /** How many responses had each status. */
  responses: Record<number, number>;
  references: string[];
  /** Refused connections. */
  refused: number;
  /** Every other request without a response. */
  cut: string[];
};

export const emptyAccount = (): Account => ({ responses: {}, references: [], refused: 0, cut: [] });

const pages = [
  "/",
  "/articles",
  "/contact",
  "/articles/builder-pattern-in-java",
  "/search?q=java",
  "/livez",
];

/**
 * Sends the `number`th request: every fifth is a new inquiry with these `answers`, the others read.
 * Returns whether it got a response.
 */
export async function visit(
  agent: Agent,
  origin: string,
  number: number,
  account: Account,
  answers = {},
): Promise<boolean> {
  const posts = number % 5 === 0;
  const form = { ...filledForm, ...answers, message: `number ${number}` };
  const body = posts ? new URLSearchParams(form).toString() : "";
  const address = posts ? "/contact" : (pages[number % pages.length] ?? "/");
  const send = () => responseTo(agent, origin + address, body);
  try {
    // The server may close a connection at the same time. Browsers repeat such a GET.
    const { status, location } = await send().catch((error: unknown) => {
      if (posts || !isStale(error)) throw error;
      return send();
    });
    account.responses[status] = (account.responses[status] ?? 0) + 1;
    if (posts && status === 303) account.references.push(location.slice(-12));
    return true;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (code === "ECONNREFUSED") account.refused += 1;
    else account.cut.push(`${posts ? "POST" : "GET"} ${address}: ${code} ${message}`);
    return false;
  }
}

const isStale = (error: unknown) => {
  const { code, reused } = error as NodeJS.ErrnoException & { reused?: boolean };
  return reused === true && code === "ECONNRESET";
};

async function responseTo(agent: Agent, url: string, body: string) {
  const type = body && { "Content-Type": "application/x-www-form-urlencoded" };
  const headers = { ...type, "Content-Length": body.length };
  const asked = request(url, { agent, method: body ? "POST" : "GET", headers });
  try {
    const [response] = (await once(asked.end(body), "response")) as [IncomingMessage];
    await once(response.resume(), "end");
    return { status: response.statusCode ?? 0, location: response.headers.location ?? "" };
  } catch (error) {
    throw Object.assign(error as Error, { reused: asked.reusedSocket });
  }
}
