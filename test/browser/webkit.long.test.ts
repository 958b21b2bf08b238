// Every kind of page in WebKit. Skipped where WebKitWebDriver or Xvfb is missing.

import { testsIn } from "../support/browser-tests.ts";
import { hasWebKit, launchWebKit } from "../support/webkit.ts";

testsIn("WebKit (webkit2gtk-driver, xvfb)", hasWebKit, launchWebKit);
