// Runs in a thread of its own, which ends after one drawing: draws an SVG image as PNG.

import { parentPort, workerData } from "node:worker_threads";
import { Resvg, type ResvgRenderOptions } from "@resvg/resvg-js";

const { svg, options } = workerData as { svg: string; options: ResvgRenderOptions };
const { buffer } = new Uint8Array(new Resvg(svg, options).render().asPng());
parentPort?.postMessage(buffer, [buffer]);
