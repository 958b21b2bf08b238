// The privacy notice with and without the fact that only the owner can state.

import request from "supertest";
import { company } from "../../src/company.ts";
import { textOf } from "../support/html.ts";
import { buildTestSite } from "../support/site.ts";

/** Returns the page with the safeguard of the transfer to Indonesia. */
async function pageWith(safeguard: string): Promise<string> {
  company.transferSafeguard = safeguard;
  const site = await buildTestSite();
  const text = textOf((await request(site.server).get("/privacy")).text);
  await site.close();
  company.transferSafeguard = "";
  return text;
}

test("without the safeguard of the transfer to Indonesia, the notice says so and where to ask for it", async () => {
  const text = await pageWith("");
  expect(text).toContain(
    "This page does not name the safeguard for it yet (Article 13(1)(f) of the GDPR).",
  );
  expect(text).toMatch(/You can ask which one applies, [^.]* hello@cleansystems\.example/);
});

test("with the safeguard, the notice names it and says where to ask for a copy", async () => {
  const text = await pageWith("the standard contractual clauses of the European Commission");
  expect(text).toContain(
    "It is protected by the standard contractual clauses of the European Commission. You can ask us for a copy",
  );
  expect(text).not.toContain("does not name");
});
