// Pictures of the page in target/screenshots, to be looked at; and what can be held without eyes.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { kind } from "./support/browser.mjs";
import { makeFolder, walk } from "./support/corpus.mjs";
import { choose, fill, finished, open, press, ROOT, stage } from "./support/setup.mjs";

/** @import { Page } from "puppeteer-core" */

const it = stage();
const folder = join(ROOT, "target/screenshots", ...(kind === "firefox" ? ["firefox"] : []));
const dropped = makeFolder();
before(() => mkdirSync(folder, { recursive: true }));
after(() => dropped.remove());

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The states of the page, each reached from the one before. @type {[string, (page: Page) => Promise<unknown>][]} */
const STATES = [
  ["empty", async () => {}],
  ["processing", async (page) => {
    await choose(page, "#files", ...walk(dropped.folder));
    await page.waitForSelector("#progress progress");
    await page.evaluate(hold);
  }],
  ["results", finished],
  ["refused", (page) => press(page, "Refused", "#table")],
  ["changes", async (page) => {
    await press(page, "Clean", "#table");
    await press(page, "Changes", "#table");
    await page.waitForSelector("#changes .changes");
  }],
  ["settings-error", async (page) => {
    await page.keyboard.press("Escape");
    await page.evaluate(() => document.getElementById("more")?.setAttribute("open", ""));
    await fill(page, "#rules-text", '{\n  "general": {\n    "(0010,0010)": "keeep",\n    "remove_curvs": "true"\n  }\n}');
    await page.waitForSelector("#rules-error button");
  }],
  ["rules", async (page) => {
    await fill(page, "#rules-text", "{}");
    await page.waitForFunction(() => !document.querySelector("#rules-error button"));
    await press(page, "Show what these settings do");
    await page.waitForSelector("#rules .rules");
  }],
];

/** Nothing to hold: the picture is taken while work goes on. */
function hold() {}

for (const scheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    test(`the page in ${scheme} at ${width} pixels`, async () => {
      const prepare = (/** @type {Page} */ page) => (kind === "firefox" ? Promise.resolve() : page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]));
      const { page, noise } = await open(it, { prepare, width, height: width === 360 ? 760 : 860 });
      await page.evaluate(watchShifts);
      for (const [state, reach] of STATES) {
        await reach(page);
        await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 250))); // transitions end
        await page.screenshot({ path: join(folder, `${state}-${scheme}-${width}.png`) });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wide <= 0, `${state}: ${wide} pixels too wide`);
        assert.deepEqual(await problems(page), [], state);
      }
      const shift = await page.evaluate(() => /** @type {any} */ (window).shifted);
      assert.ok(shift < 0.1, `the layout jumped: ${shift}`);
      assert.deepEqual(noise, []);
    });
  }
}

/** Adds up what moves without a cause (Chromium only). Runs in the page. */
function watchShifts() {
  const page = /** @type {any} */ (window);
  page.shifted = 0;
  if (!PerformanceObserver.supportedEntryTypes.includes("layout-shift")) return;
  new PerformanceObserver((list) => {
    for (const entry of /** @type {any[]} */ (list.getEntries())) if (!entry.hadRecentInput) page.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}

/** What axe finds against the accessibility guidelines (WCAG 2.2 AA). @param {Page} page */
async function problems(page) {
  await page.evaluate(AXE);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = /** @type {any} */ (await page.evaluate((tags) => /** @type {any} */ (window).axe.run(document, { runOnly: tags }), tags));
  return violations.map((/** @type {any} */ { id, nodes }) => `${id}: ${nodes.map((/** @type {any} */ { target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`);
}
