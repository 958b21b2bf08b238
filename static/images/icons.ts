// Draws the mark as mark.svg, favicon.ico and apple-touch-icon.png in the colours of
// src/colours.ts. `npm run icons` writes the files.

import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { colours } from "../../src/colours.ts";

const { light, dark } = colours;

/** Returns the content of each file by its name. */
export function drawImages(): Record<string, Buffer> {
  const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 28 28">
  <style>
    path { fill: ${light.ink} }
    .middle { fill: ${light.bar} }
    @media (prefers-color-scheme: dark) { path { fill: ${dark.ink} } .middle { fill: ${dark.bar} } }
  </style>
  <path d="M0 3h15v6H0z"/>
  <path class="middle" d="M6 11h15v6H6z"/>
  <path d="M17 19h11v6H17z"/>
</svg>
`;
  // resvg ignores media queries.
  const paths = mark
    .replace(/^[\s\S]*?<\/style>/, "")
    .replace("</svg>", "")
    .replace('class="middle"', `fill="${light.bar}"`);
  const svg = (attributes: string, content: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" fill="${light.ink}" ${attributes}>${content}</svg>`;
  const draw = (source: string) => new Resvg(source).render().asPng();
  const favicon = draw(svg('width="32" height="32" viewBox="0 0 28 28"', paths));
  // Phones round the corners and add no ground of their own.
  const ground = `<rect x="-9" y="-9" width="46" height="46" fill="${light.ground}"/>`;
  const touchIcon = draw(svg('width="180" height="180" viewBox="-9 -9 46 46"', ground + paths));
  return {
    "mark.svg": Buffer.from(mark),
    "favicon.ico": asIcon(favicon),
    "apple-touch-icon.png": touchIcon,
  };
}

/**
 * Returns an icon file with one PNG of 32 by 32 pixels: a directory of one entry, then the image.
 */
function asIcon(png: Buffer): Buffer {
  const head = Buffer.alloc(22);
  head.writeUInt16LE(1, 2); // the type: an icon
  head.writeUInt16LE(1, 4); // the number of images
  head.writeUInt8(32, 6);
  head.writeUInt8(32, 7);
  head.writeUInt16LE(1, 10);
  head.writeUInt16LE(32, 12);
  head.writeUInt32LE(png.length, 14);
  head.writeUInt32LE(22, 18);
  return Buffer.concat([head, png]);
}

if (import.meta.main)
  for (const [name, content] of Object.entries(drawImages()))
    await writeFile(path.join(import.meta.dirname, name), content);
