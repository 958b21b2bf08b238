// What only the owner can confirm: doctor and the log of production name it, and docs/owner.md has it.

import { readFileSync } from "node:fs";
import { claims, unconfirmedClaims } from "../src/company.ts";
import { doctor } from "../src/cli/doctor.ts";
import { articleFile, buildSiteOf } from "./support/articles.ts";
import { callCommand } from "./support/command.ts";
import { buildTestSite, productionEnv, temporaryFolder, tuesday } from "./support/site.ts";

test.each(unconfirmedClaims)("docs/owner.md asks the owner: $says", ({ says, on }) => {
  const page = readFileSync(new URL("../docs/owner.md", import.meta.url), "utf8");
  const row = `| ${says} | ${on.map((address) => `\`${address}\``).join(", ")} |`;
  expect(page.replace(/ +/g, " ")).toContain(row);
});

test("each page that says an unconfirmed sentence exists", async () => {
  const site = await buildTestSite();
  for (const address of new Set(claims.flatMap(({ on }) => on)))
    expect([address, (await site.get(address)).status]).toEqual([address, 200]);
});

test("doctor lists what the owner has not confirmed", async () => {
  const { dir } = await temporaryFolder();
  const { out } = await callCommand(doctor, [], { DATA_DIR: dir }, tuesday);
  for (const { says } of unconfirmedClaims)
    expect(out).toContain(`WARN  not confirmed by the owner: ${says}`);
});

test("production counts it in one line when it starts", async () => {
  for (const env of [productionEnv, {}]) {
    await using site = await buildSiteOf({ "a.md": articleFile() }, { env });
    const lines = site.logged.filter(({ unconfirmed }) => unconfirmed !== undefined);
    expect(lines).toHaveLength(env === productionEnv ? 1 : 0);
  }
});
