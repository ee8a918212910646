// Pictures of the page in target/screenshots, to be looked at; and what can be held without eyes.

import assert from "./support/assert.mjs";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { kind } from "./support/browser.mjs";
import { makeFolder, MARKUP, one, walk } from "./support/corpus.mjs";
import { choose, dropCopies, fill, finished, open, press, ROOT, stage } from "./support/setup.mjs";

/** @import { Page } from "puppeteer-core" */

const it = stage();
const folder = join(ROOT, "target/screenshots", ...(kind === "firefox" ? ["firefox"] : []));
const dropped = makeFolder();
const files = walk(dropped.folder).filter((path) => basename(path) !== MARKUP);
before(() => mkdirSync(folder, { recursive: true }));
after(() => dropped.remove());

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The states of the page, each reached from the one before. @type {[string, (page: Page) => Promise<unknown>][]} */
const STATES = [
  ["empty", async () => {}],
  ["processing", async (page) => {
    await dropCopies(page, one("CT_small.dcm"), 2000);
    await page.waitForFunction(() => document.querySelector("#progress .figures")?.textContent?.includes("files/s"));
  }],
  ["results", async (page) => {
    // A fast machine may be done by now.
    await page.evaluate(() => /** @type {HTMLElement | undefined} */ ([...document.querySelectorAll("#progress button")].find(({ textContent }) => textContent?.startsWith("Cancel")))?.click());
    await press(page, "Clear the list", "#progress");
    await choose(page, "#files", ...files);
    await finished(page);
  }],
  ["refused", (page) => press(page, "Refused", "#table")],
  ["to-look-at", (page) => press(page, "To look at", "#table")],
  ["confirm", async (page) => {
    await page.$eval("#save", (bar) => bar.scrollIntoView({ block: "center" }));
    await press(page, "Save as ZIP", "#save");
    await page.waitForSelector("#confirm[open]");
  }],
  ["changes-risky", async (page) => {
    await page.keyboard.press("Escape");
    await press(page, "Changes", "#table");
    await page.waitForSelector("#changes .changes");
  }],
  ["changes", async (page) => {
    await page.keyboard.press("Escape");
    await press(page, "Clean", "#table");
    await press(page, "Changes", "#table");
    await page.waitForSelector("#changes .changes");
  }],
  ["settings-error", async (page) => {
    await page.keyboard.press("Escape");
    await page.evaluate(() => document.getElementById("more")?.setAttribute("open", ""));
    await fill(page, "#rules-text", '{\n  "general": {\n    "(0010,0010)": "keeep",\n    "remove_curvs": "true"\n  }\n}');
    await page.waitForSelector("#rules-error button");
    await page.$eval("#rules-error", (error) => error.scrollIntoView({ block: "center" }));
  }],
  ["rules", async (page) => {
    await fill(page, "#rules-text", "{}");
    await page.waitForFunction(() => !document.querySelector("#rules-error button"));
    await press(page, "Show what these settings do");
    await page.waitForFunction(() => document.activeElement?.id === "rules");
  }],
  ["profile", async (page) => {
    await press(page, "Hide what these settings do");
    await page.select("#preset", "ps3.15");
    for (const option of ["retain_modified_dates", "clean_descriptors"]) await page.locator(`label[for=${option}]`).click();
    await page.$eval("#preset", (field) => field.scrollIntoView());
  }],
  ["profile-unused", async (page) => {
    await fill(page, "#rules-text", '{ "general": { "profile_options": ["retain_uids"] } }');
    await page.waitForSelector("#profile:disabled");
    await page.$eval("#preset", (field) => field.scrollIntoView());
  }],
];

/** Firefox cannot be told which one to show. */
const SCHEMES = kind === "firefox" ? ["light"] : ["light", "dark"];

for (const scheme of SCHEMES) {
  for (const width of [1280, 360]) {
    test(`the page in ${scheme} at ${width} pixels`, async () => {
      const prepare = (/** @type {Page} */ page) => (kind === "firefox" ? Promise.resolve() : page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]));
      const { page, noise } = await open(it, { prepare, width, height: width === 360 ? 760 : 860 });
      await page.evaluate(watchShifts);
      for (const [state, reach] of STATES) {
        await reach(page);
        await page.mouse.move(0, 0);
        await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 250))); // for the pictures: lists are drawn a moment later
        // Half way between two colours nothing is readable, least of all a button that has just come alive.
        assert.equal(await page.evaluate(() => document.getAnimations().length), 0, `${state}: something moves`);
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

test("beside the settings there is room for the table, however wide the window", async () => {
  const { page } = await open(it, { width: 1280 });
  await choose(page, "#files", one("CT_small.dcm"), one("MR_small.dcm"));
  await finished(page);
  for (const width of [993, 1024, 1100, 1215, 1217, 1280, 1600]) {
    await page.setViewport({ width, height: 860 });
    const { wide, lines } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth - innerWidth,
      lines: [...document.querySelectorAll(".files .name")].map((name) => Math.round(name.clientHeight / Number.parseFloat(getComputedStyle(name).lineHeight))),
    }));
    assert.ok(wide <= 0, `${width}: ${wide} pixels too wide`);
    // At its hyphen, but not within its numbers.
    assert.ok(lines.length === 2 && Math.max(...lines) <= 2, `${width}: names take ${lines} lines`);
    if (width === 1100) await page.screenshot({ path: join(folder, `table-${width}.png`) });
  }
});

test("the accessibility check finds what is wrong", async () => {
  const { page } = await open(it);
  await page.evaluate(() => document.querySelector("main")?.append(document.createElement("input")));
  assert.match((await problems(page)).join(), /^label: /);
});

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
