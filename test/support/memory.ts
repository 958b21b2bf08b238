// Finds a parent for temporary folders.

import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

const folder = "/dev/shm";
const isRoomy = existsSync(folder) && statfsSync(folder).bavail * statfsSync(folder).bsize > 1e9;

/**
 * The parent is a file system in memory, if there is a roomy one. A store does not wait for the
 * disk there, which took half the time of its tests.
 */
export const memory = isRoomy ? folder : tmpdir();
