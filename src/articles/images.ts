// The images that lie beside the articles: their size in pixels, and a public address that holds a hash, so that it never changes.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { imageSize } from "image-size";
import type { ImageFile } from "./html-rules.ts";

export const imageTypes: Record<string, string> = {
  ".avif": "image/avif",
  ".gif": "image/gif",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webp": "image/webp",
};

/** `bytes` is the size of the file; `name` is its path in the folder of articles. */
export type ArticleImage = ImageFile & { name: string; bytes: number };

/** The public address of an image with this content: in lower case, like all of the site's. */
export function imageAddress(name: string, content: Buffer): string {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const { dir, name: stem, ext } = path.parse(name);
  const parts = path.posix.join(dir, `${stem}.${hash}${ext}`).split("/").map(encodeURIComponent);
  return `/images/${parts.join("/")}`.toLowerCase();
}

/** Reads one image. Undefined: it is no image of a kind that browsers show. */
export async function readImage(dir: string, name: string): Promise<ArticleImage | undefined> {
  const content = await readFile(path.join(dir, name));
  try {
    const { width, height } = imageSize(content);
    const size = { width: Math.round(width), height: Math.round(height) };
    return width && height ? { name, address: imageAddress(name, content), ...size, bytes: content.length } : undefined;
  } catch {
    return undefined;
  }
}
