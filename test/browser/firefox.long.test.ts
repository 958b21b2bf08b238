// Every kind of page in Firefox. Skipped where Firefox is missing, except in CI.

import { testsIn } from "../support/browser-tests.ts";
import { hasFirefox, launchFirefox } from "../support/firefox.ts";

testsIn("Firefox (firefox-esr)", hasFirefox, launchFirefox);
