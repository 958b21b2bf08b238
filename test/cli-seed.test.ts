// `npm run seed`: a development store with made-up inquiries in every state.

import { seed } from "../src/cli/seed.ts";
import { states } from "../src/inquiries/delivery.ts";
import { progressRows } from "../src/inquiries/handling.ts";
import type { Store } from "../src/inquiries/store/interface.ts";
import { callCommand } from "./support/command.ts";
import { productionEnv, temporaryFolder, tuesday } from "./support/site.ts";
import { answers, openStore, plain } from "./support/store.ts";

let dir: string;
let store: Store;
beforeEach(async () => {
  ({ dir } = await temporaryFolder());
  store = await openStore(dir);
});

const run = (env = {}) => callCommand(seed, [], { DATA_DIR: dir, ...env });

test("an empty store gets twelve inquiries, and their pages are printed", async () => {
  const { code, out, err } = await run();
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const inquiries = await store.list();
  expect(inquiries).toHaveLength(12);
  for (const { reference, token, answers } of inquiries) {
    expect(out).toContain(`http://localhost:3000/contact/received?ref=${reference}\n`);
    expect(out).toContain(`http://localhost:3000/staff/${token}\n`);
    expect(answers.email).toMatch(/\.example$/);
  }
});

test("they are in every state and progress", async () => {
  await run();
  const inquiries = await store.list();
  const has = (all: unknown[]) => new Set(all);
  expect(has(inquiries.map(({ delivery }) => delivery.state))).toEqual(has([...states]));
  expect(has(inquiries.map(({ handling }) => handling.progress))).toEqual(
    has(progressRows.map(([progress]) => progress)),
  );
  const { overdue, refused, unlisted } = await store.summary(new Date());
  expect(overdue.total).toBeGreaterThan(1);
  expect(refused).toBeDefined();
  expect(unlisted).toBe(1);
  expect(inquiries.map(({ confirmation }) => confirmation)).toContain("refused");
});

test("a store that has an inquiry is left alone", async () => {
  await store.accept(answers, plain, tuesday);
  expect(await run()).toEqual({
    code: 1,
    out: "",
    err: "The store has inquiries: set DATA_DIR to an empty folder.\n",
  });
  expect(await store.list()).toHaveLength(1);
});

test("production is refused", async () => {
  expect(await run(productionEnv)).toMatchObject({ code: 1, out: "" });
  expect(await store.list()).toHaveLength(0);
});
