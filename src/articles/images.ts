// The images of articles: their size in pixels, and a public URL that contains a hash of the content,
// so that caches never expire it.

import { hash } from "node:crypto";
import path from "node:path";
import { imageSize } from "image-size";
import { servedImage } from "./figures.ts";

const imageExtensions = [".avif", ".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp"];
export const isImage = (name: string) => imageExtensions.includes(path.extname(name).toLowerCase());

/** `name` is the path in the folder of articles, `address` the public path. */
export type ArticleImage = { name: string; address: string; width: number; height: number };

/** Returns a name that changes with the content: "queue.1f3a…c2.svg". */
export function hashedName(name: string, content: Buffer): string {
  const { dir, name: stem, ext } = path.parse(name);
  return path.posix.join(dir, `${stem}.${hash("sha256", content).slice(0, 10)}${ext}`);
}

/** Returns the public path of an image with this content, in lower case like all URLs of the site. */
export function imageAddress(name: string, content: Buffer): string {
  return `/images/${hashedName(name, servedImage(content)).split("/").map(encodeURIComponent).join("/")}`.toLowerCase();
}

/** Returns an image's public path and size, or undefined if browsers cannot show the content. */
export function describeImage(name: string, content: Buffer): ArticleImage | undefined {
  try {
    const { width, height } = imageSize(content);
    if (!width || !height) return undefined;
    const size = { width: Math.round(width), height: Math.round(height) };
    return { name, address: imageAddress(name, content), ...size };
  } catch {
    return undefined;
  }
}
