// That saved files are noticed, whatever became of the look before and of the folder that they lie in.

import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { watchFolders } from "../../src/articles/watch-folders.ts";
import { temporaryFolder } from "../support/site.ts";

let dir: string;
let remove: () => Promise<void>;
let stop: () => void;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterEach(async () => {
  stop();
  await remove();
});

/** Watches the folder and the one inside it. `heardOf` resolves at the next look that was told of this file. */
function watchIt(look: (changed?: string[]) => void = () => undefined) {
  const waiting = new Map<string, () => void>();
  const failures: unknown[] = [];
  const heard = (changed?: string[]) => {
    for (const file of changed ?? []) waiting.get(path.relative(dir, file))?.();
  };
  stop = watchFolders(
    [dir, path.join(dir, "inner")],
    (changed) => {
      heard(changed);
      look(changed);
    },
    (error) => failures.push(error),
  );
  const heardOf = (name: string) =>
    new Promise<void>((resolve) => {
      waiting.set(name, resolve);
    });
  /** Writes a file and waits until a look was told of it. */
  const save = async (name: string) => {
    const told = heardOf(name);
    await writeFile(path.join(dir, name), "x");
    await told;
  };
  return { failures, heardOf, save };
}

test("a look that fails is told, and the next one happens all the same", async () => {
  const broken = new Error("a typo");
  const { failures, save } = watchIt((changed) => {
    if (changed?.some((file) => file.endsWith("wrong.css"))) throw broken;
  });
  await save("wrong.css");
  await save("right.css");
  expect(failures).toEqual([broken]);
});

test("files are noticed in a folder that was deleted and made again, as a checkout does", async () => {
  await mkdir(path.join(dir, "inner"));
  const { failures, heardOf, save } = watchIt();
  await save("inner/first.svg");
  for (let round = 0; round < 2; round += 1) {
    const deleted = heardOf("inner");
    await rm(path.join(dir, "inner"), { recursive: true });
    await deleted;
    const made = heardOf("inner");
    await mkdir(path.join(dir, "inner"));
    await made;
    await save("inner/second.svg");
  }
  const replaced = heardOf("inner");
  await rm(path.join(dir, "inner"), { recursive: true });
  await mkdir(path.join(dir, "inner"));
  await replaced;
  await save("inner/third.svg");
  expect(failures).toEqual([]);
});
