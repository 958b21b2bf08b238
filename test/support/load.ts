// Visitors who read and write simultaneously over keep-alive connections, and a record of how each
// request ended.

import { Agent, request, type IncomingMessage } from "node:http";
import { filledForm } from "./site.ts";

export type Account = {
  /** How many responses had each status. */
  responses: Record<number, number>;
  references: string[];
  /**
   * Reads on a connection that the server closed at the same time. They are repeated, as browsers
   * do.
   */
  again: number;
  /** Refused connections. */
  refused: number;
  /** Every other request without a response. */
  cut: string[];
};

export const emptyAccount = (): Account => ({
  responses: {},
  references: [],
  again: 0,
  refused: 0,
  cut: [],
});

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
  const body = posts
    ? new URLSearchParams({ ...filledForm, ...answers, message: `number ${number}` }).toString()
    : undefined;
  const address = posts ? "/contact" : (pages[number % pages.length] ?? "/");
  try {
    const { status, location } = await responseTo(agent, origin + address, body).catch(
      (error: unknown) => {
        if (posts || !isStale(error)) throw error;
        account.again += 1;
        return responseTo(agent, origin + address, body);
      },
    );
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

function responseTo(
  agent: Agent,
  url: string,
  body: string | undefined,
): Promise<{ status: number; location: string }> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined
        ? {}
        : { "Content-Type": "application/x-www-form-urlencoded", "Content-Length": body.length };
    const asked = request(
      url,
      { agent, method: body === undefined ? "GET" : "POST", headers },
      (response: IncomingMessage) => {
        response.on("error", reject).resume();
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, location: response.headers.location ?? "" }),
        );
      },
    );
    asked
      .on("error", (error) => reject(Object.assign(error, { reused: asked.reusedSocket })))
      .end(body);
  });
}
