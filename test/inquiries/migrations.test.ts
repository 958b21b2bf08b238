// A migration only adds, so that the release before it can run on the store: after a deployment is taken back, and beside the new release.

import path from "node:path";
import { Kysely, type ColumnMetadata } from "kysely";
import { migrations, type Database } from "../../src/inquiries/store/schema.ts";
import { openSqlite } from "../../src/inquiries/store/sqlite.ts";
import { memory } from "../support/memory.ts";
import { temporaryFolder } from "../support/site.ts";

/** Columns that a migration drops, as "table.column", by its name. The release before it must neither read nor write them. */
const dropped: Record<string, string[]> = {};

type Columns = Map<string, ColumnMetadata>;

/** The columns of all tables, by names like "table.column". */
async function columnsOf(database: Database): Promise<Columns> {
  const tables = await database.introspection.getTables();
  return new Map(
    tables.flatMap(({ name, columns }) =>
      columns.map((column) => [`${name}.${column.name}`, column] as const),
    ),
  );
}

/** What prevents a program that is written for the columns `before` from using the columns `after`. */
function obstacles(before: Columns, after: Columns, migration: string): string[] {
  const tables = new Set([...before.keys()].map((name) => name.split(".")[0]));
  const missing = [...before.keys()].filter(
    (name) => !after.has(name) && !dropped[migration]?.includes(name),
  );
  const changed = [...before].filter(
    ([name, { dataType }]) => after.has(name) && after.get(name)?.dataType !== dataType,
  );
  const needed = [...after].filter(([name, column]) => {
    const canBeLeftOut = column.isNullable || column.hasDefaultValue || column.isAutoIncrementing;
    return !canBeLeftOut && !before.get(name) && tables.has(name.split(".")[0]);
  });
  return [
    ...missing.map((name) => `${name} is gone`),
    ...changed.map(([name]) => `${name} has another type`),
    ...needed.map(([name]) => `${name} is new and has no default`),
  ];
}

test("each migration after 0003-answers, which was not additive, leaves the tables usable for the release before it", async () => {
  const { dir, remove } = await temporaryFolder(memory);
  const engine = openSqlite(path.join(dir, "inquiries.db"));
  const database: Database = new Kysely({ dialect: engine.dialect });
  const found: Record<string, string[]> = {};
  for (const [name, migration] of Object.entries(migrations(engine))) {
    const before = await columnsOf(database);
    await migration.up(database);
    found[name] = obstacles(before, await columnsOf(database), name);
  }
  await database.destroy();
  await remove();
  expect(found["0003-answers"]).toContain("inquiries.name is gone");
  const later = Object.entries(found).filter(([name]) => name > "0003-answers");
  expect(later.filter(([, problems]) => problems.length > 0)).toEqual([]);
  expect(later.length).toBeGreaterThan(0);
});
