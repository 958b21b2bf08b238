// The page "How this site is built". Its tables and figures are made from measurements.ts.

import type { Express } from "express";
import type { Context } from "../context.ts";
import * as measurements from "../measurements.ts";
import { addGetRoute } from "../middleware.ts";
import { fixedPage } from "../pages.ts";
import { sizeSpan, type Size } from "../trace.ts";

/** What a server may send before the browser has to acknowledge it: ten packets of 1,460 bytes (RFC 6928). */
const firstRoundTripBytes = 14_600;

export function howBuiltRoutes(app: Express, { show, library, now }: Context): void {
  addGetRoute(app, "/how-this-site-is-built", (_request, response) => {
    const missed = measurements.benchmarks.filter(measurements.isMissed);
    const titles = new Map(library.list(now()).map(({ slug, title }) => [slug, title]));
    const data = { ...measurements, pictures: pictures(), firstRoundTripBytes, missed, titles };
    show(response, 200, { ...fixedPage("/how-this-site-is-built"), data }, { maxAge: 300 });
  });
}

/** Returns the spans of the two figures. */
function pictures() {
  const { crashTest, articleWeight, pageWeights } = measurements;
  const { inquiries, mailedTwice, lost } = crashTest;
  const crashes: Size[] = [
    { name: "Receipts", size: inquiries, tone: "own" },
    { name: "Emailed to staff", size: inquiries - lost },
    { name: "Emailed twice", size: mailedTwice },
    { name: "Lost", size: lost },
  ];
  const article = { name: "Article, 1,200 words", bytes: articleWeight.value };
  const weights = [...pageWeights, article]
    .map(({ name, bytes }) => ({ name, size: bytes }))
    .sort((a, b) => b.size - a.size);
  const limit: Size = { name: "First round trip", size: firstRoundTripBytes, tone: "todo" };
  return {
    crashes: crashes.map((size) => sizeSpan(size, inquiries)),
    weights: [limit, ...weights].map((size) => sizeSpan(size, firstRoundTripBytes)),
  };
}
