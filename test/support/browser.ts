// Headless Chromium for tests and screenshots. The headless shell is the same engine without the
// windows of the desktop browser, and takes half the processor time.

import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";
import { need } from "./needs.ts";
import { opened } from "./opened.ts";

const executablePath = "/usr/bin/chromium-headless-shell";

export async function launchBrowser(): Promise<Browser> {
  need(existsSync(executablePath), "Chromium (chromium-headless-shell)");
  return opened.use(await chromium.launch({ executablePath }));
}

// A script for the page is a text, because the tests are compiled without the types of a browser.
export const tooWide = `document.scrollingElement.scrollWidth - document.documentElement.clientWidth`;
export const doubleText = `document.documentElement.style.fontSize = "200%"`;

/** What a screen reader reads of one element. */
export type Node = Record<"role" | "name" | "description", string> & {
  properties: Record<string, unknown>;
};

/** Returns what a screen reader reads of a page, in order. */
export async function readAloud(page: Page): Promise<Node[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const inOrder = (id: string): typeof nodes => {
    const node = byId.get(id);
    return node ? [node, ...(node.childIds ?? []).flatMap(inOrder)] : [];
  };
  return inOrder(nodes[0]?.nodeId ?? "")
    .filter(({ ignored }) => !ignored)
    .map(({ role, name, description, properties = [] }) => ({
      role: String(role?.value),
      name: String(name?.value ?? ""),
      description: String(description?.value ?? ""),
      properties: Object.fromEntries(properties.map(({ name, value }) => [name, value.value])),
    }));
}
