import { after, before } from "node:test";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import assert, { made } from "./assert.mjs";
import { kind, launch } from "./browser.mjs";
import { BASE, serveSite } from "./servers.mjs";

/** @import { Browser, ElementHandle, Page } from "puppeteer-core" */

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../../..");
export const SITE = join(ROOT, "target/site");

/**
 * One browser and one server for a file of tests. When they end, nothing outside the site was asked for.
 */
export function stage() {
  const it = /** @type {{ browser: Browser, downloads: string, site: Awaited<ReturnType<typeof serveSite>>, close: () => Promise<void> }} */ ({});
  before(async () => Object.assign(it, await launch(), { site: await serveSite(SITE) }));
  after(async () => {
    await it.close();
    await it.site.close();
    assert.deepEqual(it.site.seen.stray, [], "the page asked for what is not part of it");
    console.log(`# assertions ${made.assertions}`);
  });
  return it;
}

/**
 * Opens the page and waits until it is ready. `noise` holds what came out on the console.
 * @param {{ browser: Browser, site: { origin: string } }} it
 * @param {{ prepare?: (page: Page) => Promise<unknown>, width?: number, height?: number }} [options]
 */
export async function open(it, { prepare, width = 1280, height = 860 } = {}) {
  const page = await it.browser.newPage();
  /** @type {string[]} */
  const noise = [];
  page.on("console", (message) => noise.push(message.text()));
  page.on("pageerror", (error) => noise.push(String(error)));
  await page.setViewport({ width, height });
  await prepare?.(page);
  await page.goto(it.site.origin + BASE);
  await page.waitForFunction(() => performance.getEntriesByName("lethe-ready").length > 0);
  return { page, noise };
}

/** Puts files into one of the page's pickers. @param {Page} page @param {string} selector @param {string[]} paths */
export async function choose(page, selector, ...paths) {
  const picker = /** @type {ElementHandle<HTMLInputElement>} */ (await page.$(selector));
  await picker.uploadFile(...paths);
}

/**
 * Drops files or folders on the page: in Chromium a real drag; Firefox takes files only, out of a picker's.
 * @param {Page} page @param {string[]} paths
 */
export async function drop(page, ...paths) {
  if (kind === "firefox") return dropFiles(page, paths);
  const session = await page.createCDPSession();
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  for (const type of /** @type {const} */ (["dragEnter", "dragOver", "dragOver", "drop"])) {
    await session.send("Input.dispatchDragEvent", { type, x: 640, y: 500, data });
  }
}

/** @param {Page} page @param {string[]} paths */
async function dropFiles(page, paths) {
  await page.evaluate(() => {
    const picker = Object.assign(document.createElement("input"), { type: "file", multiple: true, id: "test-picker", hidden: true });
    document.body.append(picker);
  });
  await choose(page, "#test-picker", ...paths);
  await page.evaluate(() => {
    const picker = /** @type {HTMLInputElement} */ (document.getElementById("test-picker"));
    const dataTransfer = new DataTransfer();
    for (const file of picker.files ?? []) dataTransfer.items.add(file);
    for (const type of ["dragenter", "dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    picker.remove();
  });
}

/**
 * Drops many copies of a file, made in the page.
 * @param {Page} page @param {string} path @param {number} count
 */
export async function dropCopies(page, path, count) {
  await page.evaluate(() => document.body.append(Object.assign(document.createElement("input"), { type: "file", id: "test-picker", hidden: true })));
  await choose(page, "#test-picker", path);
  await page.evaluate(async (count) => {
    const picker = /** @type {HTMLInputElement} */ (document.getElementById("test-picker"));
    const content = await /** @type {File} */ (picker.files?.[0]).arrayBuffer();
    picker.remove();
    const dataTransfer = new DataTransfer();
    for (let n = 1; n <= count; n++) dataTransfer.items.add(new File([content], `IM${String(n).padStart(5, "0")}.dcm`));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, count);
}

/**
 * Drops files that are made in the page, under any names.
 * @param {Page} page @param {{ name: string, base64: string }[]} files
 */
export async function dropNamed(page, files) {
  await page.evaluate((files) => {
    const dataTransfer = new DataTransfer();
    for (const { name, base64 } of files) dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  }, files);
}

/** Waits until all work is done; gives the line of figures. @param {Page} page */
export async function finished(page) {
  await page.waitForFunction(() => [...document.querySelectorAll("#progress button")].map(({ textContent }) => textContent).join() === "Clear the list", { timeout: 300_000 });
  return page.$eval("#progress .figures", ({ textContent }) => textContent ?? "");
}

/** Clicks the button that says this. @param {Page} page @param {string} text @param {string} [within] */
export async function press(page, text, within = "body") {
  // A locator looks again when the button was drawn anew meanwhile.
  await page.locator(`${within} ::-p-xpath(.//button[starts-with(normalize-space(), "${text}")])`).click();
  await drawn(page);
}

/** Saves all files, those too that should be looked at before. @param {Page} page @param {string} how what the button says */
export async function saveAll(page, how) {
  await press(page, how, "#save");
  await press(page, "Save all", "#confirm");
}

/** Waits until the page has drawn what changed. @param {Page} page */
const drawn = (page) => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

/** Replaces what a field says, by typing. @param {Page} page @param {string} selector @param {string} text */
export async function fill(page, selector, text) {
  await page.focus(selector);
  await page.$eval(selector, (field) => /** @type {HTMLInputElement} */ (field).select());
  await page.keyboard.press("Backspace");
  await page.type(selector, text);
}

/**
 * All rows of the table, over its pages.
 * @param {Page} page
 */
export async function rows(page) {
  const found = [];
  for (;;) {
    found.push(...(await page.$$eval("#table tbody tr", (rows) => rows.map((row) => ({
      kind: row.className,
      name: row.querySelector(".name")?.textContent ?? "",
      path: row.querySelector(".path")?.textContent ?? "",
      source: row.querySelector(".path + .path bdi")?.textContent ?? "",
      what: row.querySelector(".what")?.textContent ?? "",
    })))));
    const next = await page.$('#table .pager ::-p-xpath(.//button[.="Next" and not(@disabled)])');
    if (!next) return found;
    await next.click();
    await drawn(page);
  }
}
