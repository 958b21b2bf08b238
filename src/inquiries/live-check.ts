// The inquiry that `npm run doctor -- --live` sends through the public address to test that the form works. It carries a token: its answers,
// signed with a key that the sender has put into the store. So only a process that can write to the store can send one, and a token is good
// for these answers, once, within two minutes. An inquiry with any other token is treated like every other inquiry.

import { createHmac } from "node:crypto";
import { fields, type Answers } from "./form.ts";

/** The name of the posted field with the token. No page shows it. */
export const tokenField = "live_check";

/** Returns the token for these answers. */
export function signLiveCheck(key: string, answers: Answers): string {
  const values = fields.map(({ name }) => answers[name] ?? "");
  return createHmac("sha256", key).update(JSON.stringify(values)).digest("hex");
}
