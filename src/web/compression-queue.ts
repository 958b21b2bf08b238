// Compresses stored pages with brotli's best quality in the background. One page takes some 20 ms of a thread of the pool that reading
// files and DNS share, so only one is compressed at a time and few wait.

import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

type Job = {
  body: Buffer;
  /** Whether the result still has a use. Asked when the job's turn comes. */
  isNeeded: () => boolean;
  done: (compressed: Buffer) => void;
};

// A page that finds the queue full keeps the quick compression it has, which is 15 % larger, until it is stored again.
const maxWaiting = 50;

/** Returns a function that adds a job to the queue, or drops it where the queue is full. A job whose compression fails is dropped too. */
export function createCompressionQueue(compress = compressBest): (job: Job) => void {
  const waiting: Job[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      if (!job.isNeeded()) continue;
      const compressed = await compress(job.body).catch(() => undefined);
      if (compressed && job.isNeeded()) job.done(compressed);
    }
    running = false;
  }

  return (job) => {
    if (waiting.length >= maxWaiting) return;
    waiting.push(job);
    if (!running) void run();
  };
}

function compressBest(body: Buffer): Promise<Buffer> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  return promisify(brotliCompress)(body, { params });
}
