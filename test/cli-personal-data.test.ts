// The commands of staff for requests about personal data, on a real store.

import { copyFile, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { domainToASCII } from "node:url";
import { readableAnswers } from "../src/inquiries/answers.ts";
import {
  dir,
  eachOnANewStore,
  find,
  inquiries,
  inquiriesProcess,
  seed,
  store,
} from "./support/staff-command.ts";
import { answers } from "./support/store.ts";

eachOnANewStore();

test("export prints a person, an inquiry or all as JSON, without tokens", async () => {
  const ann = await seed({ name: "Ann", email: "A@fjord.example" });
  const bob = await seed({ name: "Bob", email: "b@fjørd.example" });
  const exported = async (...args: string[]) => {
    const { out } = await inquiries("export", ...args);
    for (const reference of [ann, bob]) expect(out).not.toContain((await find(reference))?.token);
    return (JSON.parse(out) as { answers: object }[]).map((inquiry) => inquiry.answers);
  };
  const shown = Object.fromEntries(readableAnswers(answers).map(({ name, text }) => [name, text]));
  const [annsAnswers, bobsAnswers] = [
    { ...shown, name: "Ann", email: "A@fjord.example" },
    { ...shown, name: "Bob", email: "b@fjørd.example" },
  ];
  expect(await exported("a@FJORD.example")).toEqual([annsAnswers]);
  expect(await exported(bob)).toEqual([bobsAnswers]);
  expect(await exported(`b@${domainToASCII("fjørd.example")}`)).toEqual([bobsAnswers]);
  expect(await exported()).toEqual([bobsAnswers, annsAnswers]);
});

describe("export and erase find an address", () => {
  const reference = (email: string) => seed({ email, message: email });

  test.each([
    "søren+work@fjørd.example",
    "  SØREN+Work@Fjørd.Example \n",
    `søren+work@${domainToASCII("fjørd.example")}`,
  ])("typed as %j", async (typed) => {
    const found = await reference("Søren+work@fjørd.example");
    const { code, out, err } = await inquiries("export", typed);
    expect({ code, err, references: out.match(/CS-....-..../g) }).toEqual({
      code: 0,
      err: "",
      references: [found],
    });
    expect((await inquiries("erase", typed)).out).toContain(found);
  });

  test("and name what the same mailbox wrote under other spellings", async () => {
    const found = await reference("b.carter@gmail.com");
    const other = await reference("BCarter+csc@googlemail.com");
    for (const [command = "", ...words] of [["export"], ["erase", "--yes"]]) {
      const { out, err } = await inquiries(command, "B.CARTER@gmail.com", ...words);
      expect(out).toContain(found);
      expect(out).not.toContain(other);
      expect(err).toBe(
        `Not included: ${other} from BCarter+csc@googlemail.com. The mailbox is the same: if the person is too, use the reference.\n`,
      );
    }
    expect([await find(found), await find(other)]).toEqual([undefined, expect.anything()]);
  });

  test("and say what is wrong with one that is none", async () => {
    expect(await inquiries("export", "Anna <anna@nordlys.example>")).toEqual({
      code: 2,
      out: "",
      err: expect.stringMatching(/Enter only the email address, without a name/) as string,
    });
  });

  test("and say how to find other addresses of the person", async () => {
    expect(await inquiriesProcess("erase", "anna@nordlys.example", "--yes")).toEqual({
      code: 1,
      out: "",
      err: "Nothing is stored under anna@nordlys.example, so nothing was done.\nIt may have been erased, or deleted on schedule. `list NAME` finds by name, company or address.\n",
    });
  });
});

describe("erase", () => {
  /** The names of the files in the data folder that contain a text. */
  async function filesWith(text: string): Promise<string[]> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const contents = await Promise.all(names.map((name) => readFile(name)));
    return names.filter((_name, index) => contents[index]?.includes(text));
  }

  test("without --yes lists what it would delete, and deletes nothing", async () => {
    const reference = await seed({ email: "priya@fjord.example" });
    const { code, out } = await inquiries("erase", reference);
    expect(code).toBe(1);
    const sender = `${answers["name"]}  ${answers["company"]}`;
    expect(out).toMatch(new RegExp(`^${reference} {2}pending.*  ${sender}\\nNothing was deleted`));
    expect(await find(reference)).toBeDefined();
    expect((await inquiries("erase", "nobody@fjord.example", "--yes")).code).toBe(1);
  });

  test("leaves nothing in any file, also after a backup was restored", async () => {
    const words = "a very particular sentence";
    const reference = await seed({ email: "Priya@Fjord.example", message: words });
    const backup = path.join(dir, "backup.db");
    expect((await inquiries("backup", backup)).code).toBe(0);
    const { out } = await inquiries("erase", "priya@fjord.example", "--yes");
    expect(out).toMatch(new RegExp(`^${reference} .*\nDeleted .*Search your mailboxes`));
    expect(await filesWith(words)).toEqual([backup]);

    await store.close();
    await copyFile(backup, path.join(dir, "inquiries.db"));
    await rm(backup);
    expect((await inquiries("list")).out).toBe("none\n");
    expect(await filesWith(words)).toEqual([]);
  });

  test("removes what an erasure that was killed left in the files", async () => {
    const words = "a very particular sentence";
    await seed({ email: "priya@fjord.example", message: words });
    const killed = new DatabaseSync(path.join(dir, "inquiries.db"));
    killed.exec("PRAGMA secure_delete = 1; DELETE FROM inquiries");
    expect(await filesWith(words)).toEqual([path.join(dir, "inquiries.db-wal")]);
    const { err } = await inquiries("erase", "priya@fjord.example", "--yes");
    killed.close();
    expect(err).toMatch(/^Nothing is stored under priya@fjord\.example,/);
    expect(await filesWith(words)).toEqual([]);
  });

  test("says so if another process keeps the text in the files", async () => {
    const reference = await seed();
    const reader = new DatabaseSync(path.join(dir, "inquiries.db"), { readOnly: true });
    reader.exec("BEGIN; SELECT * FROM inquiries");
    const { code, out } = await inquiries("erase", reference, "--yes");
    reader.close();
    expect(code).toBe(1);
    expect(out).toMatch(
      /\nDeleted from the store\..*\n.*files hold the text until the next purge\.\n$/s,
    );
    expect(await find(reference)).toBeUndefined();
  });
});
