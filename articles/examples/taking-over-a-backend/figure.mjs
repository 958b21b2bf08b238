// Draws the article's figure from history.txt and mutants.txt with the site's drawing module: node figure.mjs

import { readOutput, spanChart, write } from "../figure.mjs";

const changes = new Map(
  [...readOutput(import.meta.dirname, "history.txt").matchAll(/^ *(\d+) .* (\w+)\.java$/gm)].map(([, n, name]) => [name, Number(n)]),
);
const noticed = new Map();
// The controls at the end name some of the classes again.
for (const [, verdict, name] of readOutput(import.meta.dirname, "mutants.txt").matchAll(/^(nothing|\d+ tests?) .* (\w+)\.java:\d+/gm)) {
  if (!noticed.has(name)) noticed.set(name, verdict !== "nothing");
}
const layers = [
  ["Entities", ["Weblog", "WeblogEntry", "WeblogCategory", "WeblogBookmarkFolder"]],
  [
    "Managers and themes",
    ["JPAWeblogEntryManagerImpl", "JPAWeblogManagerImpl", "JPAMediaFileManagerImpl", "JPAUserManagerImpl", "SharedThemeFromDir", "ThemeManagerImpl"],
  ],
  ["Servlets, search, cache, start", ["RollerContext", "PageServlet", "SearchResultsModel", "SearchServlet", "SiteWideCache"]],
  [
    "Forms that authors fill in",
    ["EntryEdit", "Register", "Templates", "UIAction", "StylesheetEdit", "Bookmarks", "CategoryEdit", "WeblogConfig", "ThemeEdit"],
  ],
];
if (layers.flatMap(([, names]) => names).length !== noticed.size) throw new Error("A class has no layer.");
const rows = layers.map(([label, names]) => {
  const missed = names.filter((name) => !noticed.get(name));
  let at = 0;
  const spans = names
    .toSorted((a, b) => Number(noticed.get(a)) - Number(noticed.get(b)) || changes.get(b) - changes.get(a))
    .map((name) => {
      const from = at;
      at += changes.get(name) + 3;
      return { from, to: at - 3, tone: noticed.get(name) ? "bar" : "hot" };
    });
  return { label, text: `${missed.length} of ${names.length} went unnoticed`, tone: missed.length > names.length / 2 ? "hot" : "quiet", spans };
});

write(
  "taking-over-a-backend-mutants.svg",
  spanChart({
    title: "Classes in which a broken line went unnoticed",
    description: rows.map(({ label, text }) => `${label}: ${text}`).join(". "),
    key: [
      ["hot", "no test failed"],
      ["bar", "a test failed"],
    ],
    x: { min: 0, max: Math.max(...rows.map(({ spans }) => spans.at(-1).to)) },
    rows,
  }),
);
