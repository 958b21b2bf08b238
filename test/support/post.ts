// Sends the project form as a browser does, and returns the reference from the URL of the receipt.

import type { Server } from "node:http";
import request from "supertest";
import { filledForm, type FormChanges } from "./form.ts";

export async function postForm(
  { server }: { server: Server },
  changes: FormChanges = {},
): Promise<string> {
  const response = await request(server)
    .post("/contact")
    .type("form")
    .send({ ...filledForm, ...changes });
  const reference = /ref=(CS-[0-9A-Z-]+)$/.exec(response.headers["location"] ?? "")?.[1];
  if (response.status !== 303 || !reference)
    throw new Error(`the form was not accepted: ${response.status}`);
  return reference;
}
