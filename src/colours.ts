// Reads the colours from static/css/site.css, the only place that defines them, for what cannot use a style sheet: the mail to staff,
// sharing images, theme-color, the icons and the figures of articles.

import { readFileSync } from "node:fs";
import path from "node:path";

const sheetFile = path.resolve(import.meta.dirname, "../static/css/site.css");

const names = [
  "accent",
  "bar",
  "barText",
  "button",
  "buttonText",
  "ground",
  "hot",
  "ink",
  "line",
  "mailGround",
  "quiet",
] as const;

type Scheme = Record<(typeof names)[number], string>;

/** Colours of the two schemes as #rrggbb. */
export type Colours = { light: Scheme; dark: Scheme };

/** Returns the colours in static/css/site.css. Reads the file on each call. Throws like parseColours. */
export function readColours(): Colours {
  return parseColours(readFileSync(sheetFile, "utf8"));
}

/**
 * Returns the colours in the text of a style sheet. The dark scheme inherits what it does not set from the light scheme.
 * Throws an error that names the token when one is missing or is neither #rrggbb nor var() of another token.
 */
export function parseColours(sheet: string): Colours {
  const css = sheet.replace(/\/\*[\s\S]*?\*\//g, "");
  const [, light = ""] = /:root\s*\{([^}]*)\}/.exec(css) ?? [];
  const [, dark = ""] = /prefers-color-scheme:\s*dark\)\s*\{\s*:root\s*\{([^}]*)\}/.exec(css) ?? [];
  return { light: parseScheme("light", light), dark: parseScheme("dark", `${light};${dark}`) };
}

function parseScheme(scheme: string, declarations: string): Scheme {
  const values = new Map(
    Array.from(declarations.matchAll(/(--[\w-]+):\s*([^;]+)/g), ([, name = "", value = ""]) => [
      name,
      value.trim(),
    ]),
  );
  const colourOf = (token: string, depth = 0): string => {
    const value = values.get(token);
    const [, reference] = /^var\((--[\w-]+)\)$/.exec(value ?? "") ?? [];
    if (reference && depth < values.size) return colourOf(reference, depth + 1);
    // Some mail programs do not support colours of three digits.
    if (value && /^#[0-9a-f]{6}$/i.test(value)) return value;
    const problem =
      value === undefined ? "is missing" : `is ${value}, not a colour of six hexadecimal digits`;
    throw new Error(`static/css/site.css: ${token} of the ${scheme} scheme ${problem}`);
  };
  const tokenOf = (name: string) =>
    `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return Object.fromEntries(names.map((name) => [name, colourOf(tokenOf(name))])) as Scheme;
}
