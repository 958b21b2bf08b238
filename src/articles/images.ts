// The images that lie beside the articles: their size in pixels, and a public address that holds a hash, so that it never changes.

import { hash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { imageSize } from "image-size";
import type { ImageFile } from "./html-rules.ts";

/** The images that browsers show, by how their names end. */
export const imageEndings = [".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"];
export const isImage = (name: string) => imageEndings.includes(path.extname(name).toLowerCase());

/** `bytes` is the size of the file; `name` is its path in the folder of articles. */
export type ArticleImage = ImageFile & { name: string; bytes: number };

/** A name that changes whenever the content does: "queue.1f3a…c2.svg" */
export function hashedName(name: string, content: Buffer): string {
  const { dir, name: stem, ext } = path.parse(name);
  return path.posix.join(dir, `${stem}.${hash("sha256", content).slice(0, 10)}${ext}`);
}

/** The public address of an image with this content: in lower case, like all of the site's. */
export function imageAddress(name: string, content: Buffer): string {
  return `/images/${hashedName(name, content).split("/").map(encodeURIComponent).join("/")}`.toLowerCase();
}

/** Reads one image; throws where it is none of a kind that browsers show. */
export async function readImage(dir: string, name: string): Promise<ArticleImage> {
  const content = await readFile(path.join(dir, name));
  const { width, height } = imageSize(content);
  if (!width || !height) throw new Error(`${name} has no size`);
  return { name, address: imageAddress(name, content), width: Math.round(width), height: Math.round(height), bytes: content.length };
}
