// Makes favicon.ico and the touch icon beside it from mark.svg. `npm run icons`.

import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Resvg } from "@resvg/resvg-js";

const file = (name) => path.join(import.meta.dirname, name);
const mark = await readFile(file("mark.svg"), "utf8");
const paths = mark
  .replace(/^[\s\S]*?<\/style>/, "")
  .replace("</svg>", "")
  .replace('class="middle"', 'fill="#3f9a86"');

const drawn = (svg) => new Resvg(svg).render().asPng();

// An icon file may hold a PNG: a directory of one entry (6 + 16 bytes), then the picture.
const icon = drawn(`<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 28 28" fill="#12201c">${paths}</svg>`);
const head = Buffer.alloc(22);
head.writeUInt16LE(1, 2); // an icon
head.writeUInt16LE(1, 4); // of one picture
head.writeUInt8(32, 6);
head.writeUInt8(32, 7);
head.writeUInt16LE(1, 10);
head.writeUInt16LE(32, 12);
head.writeUInt32LE(icon.length, 14);
head.writeUInt32LE(22, 18);
await writeFile(file("favicon.ico"), Buffer.concat([head, icon]));

// Phones round the corners and draw on no ground of their own.
const touch = `<svg xmlns="http://www.w3.org/2000/svg" width="180" height="180" viewBox="-9 -9 46 46" fill="#12201c"><rect x="-9" y="-9" width="46" height="46" fill="#f3f6f4"/>${paths}</svg>`;
await writeFile(file("apple-touch-icon.png"), drawn(touch));
