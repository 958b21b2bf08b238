// Fonts, images and the style sheet: read once at start, served from memory under names that hold a hash, so that they never change.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { RequestHandler } from "express";
import { hashedName } from "../articles/images.ts";
import { onlyMethods } from "./middleware.ts";
import type { Publish } from "./page-cache.ts";

export const staticDir = path.resolve(import.meta.dirname, "../../static");

const mediaTypes: Record<string, string> = {
  ".woff2": "font/woff2",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
};

/** Browsers and feed readers ask for these by their own names. */
const wellKnownNames = ["favicon.ico", "apple-touch-icon.png"];

/** Cache-Control of URLs that change with their content. */
export const immutable = "public, max-age=31536000, immutable";

type Asset = { body: Buffer; type: string; immutable: boolean };

export type Assets = ReturnType<typeof loadAssets>;

/** Everything under static/. `url("fonts/literata.woff2")` is its address; `css` is the sheet that every page holds. */
export function loadAssets() {
  const byAddress = new Map<string, Asset>();
  const addresses = new Map<string, string>();
  for (const name of readdirSync(staticDir, { recursive: true, encoding: "utf8" })) {
    const type = mediaTypes[path.extname(name)];
    if (!type) continue;
    const body = readFileSync(path.join(staticDir, name));
    const address = `/assets/${hashedName(name, body)}`;
    addresses.set(name, address);
    byAddress.set(address, { body, type, immutable: true });
    const plainName = path.basename(name);
    if (wellKnownNames.includes(plainName)) byAddress.set(`/${plainName}`, { body, type, immutable: false });
  }

  const url = (name: string): string => {
    const address = addresses.get(name);
    if (!address) throw new Error(`static/${name} does not exist`);
    return address;
  };
  return { byAddress, url, css: loadStyleSheet(url) };
}

/** The sheet without comments and indentation, with the addresses of what it names: `url("../fonts/x.woff2")`. */
function loadStyleSheet(url: (name: string) => string): string {
  return readFileSync(path.join(staticDir, "css/site.css"), "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/\s*\n\s*/g, "\n")
    .replace(/\s*([{};])\s*/g, "$1")
    .replace(/: (?=[^{}]*[;}])/g, ":")
    .replace(/;}/g, "}")
    .replace(/url\("\.\.\/([^"]+)"\)/g, (_whole, name: string) => `url("${url(name)}")`)
    .trim();
}

export function serveAssets({ byAddress }: Assets, publish: Publish): RequestHandler {
  return (request, response, next) => {
    const asset = byAddress.get(request.path);
    if (!asset) return next();
    if (!["GET", "HEAD"].includes(request.method)) return void onlyMethods("GET", "HEAD")(request, response, next);
    const cacheControl = asset.immutable ? immutable : "public, max-age=86400";
    if (asset.type.startsWith("image/")) response.set("Cross-Origin-Resource-Policy", "cross-origin"); // feed readers show our icon
    publish(response, { body: asset.body, type: asset.type, cacheControl, permanent: true });
  };
}
