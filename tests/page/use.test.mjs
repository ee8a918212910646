// Using the page: cancelling and going on, many files, and everything by keyboard.

import assert from "./support/assert.mjs";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { downloaded, kind } from "./support/browser.mjs";
import { one } from "./support/corpus.mjs";
import { choose, dropCopies, finished, open, rows, stage } from "./support/setup.mjs";

const it = stage();

test("work can be cancelled and gone on with", async () => {
  const { page, noise } = await open(it);
  await dropCopies(page, one("CT_small.dcm"), 600);
  await page.waitForFunction(() => {
    const button = [...document.querySelectorAll("#progress button")].find(({ textContent }) => textContent === "Cancel");
    const started = (document.querySelector("#progress progress")?.getAttribute("value") ?? "0") !== "0";
    if (button && started) /** @type {HTMLElement} */ (button).click();
    return button && started;
  }, { polling: "mutation" });
  const stopped = await page.waitForFunction(() => /^Stopped: (\d+) of (\d+) files done$/.exec(document.querySelector("#progress .figures")?.textContent ?? ""));
  const [, done, total] = /** @type {string[]} */ (await stopped.jsonValue());
  assert.ok(Number(done) < Number(total), "there was nothing left to cancel");
  assert.match(await page.$eval("#status", ({ textContent }) => textContent ?? ""), /^Stopped\./);
  await page.evaluate(() => /** @type {HTMLElement} */ ([...document.querySelectorAll("#progress button")].find(({ textContent }) => textContent === "Continue")).click());
  assert.match(await finished(page), new RegExp(`^${total} files, .*: ${total} clean, 0 refused, 0 left out`));
  assert.deepEqual(noise, []);
});

test("with thousands of files the document stays small", async (t) => {
  const { page } = await open(it);
  await dropCopies(page, one("CT_small.dcm"), 3000);
  assert.match(await finished(page), /^3,000 files, .*: 3,000 clean/);
  const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
  assert.ok(nodes < 1000, `${nodes} elements`);
  t.diagnostic(`3000 files: ${nodes} elements in the document`);
});

test("a second drop is added to the list, and the list can be emptied", async () => {
  const { page } = await open(it);
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  await choose(page, "#files", one("MR_small.dcm"));
  await page.waitForFunction(() => document.querySelector("#progress .figures")?.textContent?.startsWith("2 files, "));
  assert.equal((await rows(page)).length, 2);
  await page.locator("#progress button").click();
  await page.waitForSelector("#table .empty");
});

test("saving can be cancelled", async () => {
  const { page, noise } = await open(it);
  await dropCopies(page, one("CT_small.dcm"), 1500);
  await finished(page);
  await page.evaluate(() => {
    const button = (/** @type {string} */ text) => /** @type {HTMLElement | undefined} */ ([...document.querySelectorAll("#save button")].find(({ textContent }) => textContent === text));
    new MutationObserver(() => button("Cancel saving")?.click()).observe(/** @type {Node} */ (document.getElementById("save")), { childList: true, subtree: true });
    button("Save as ZIP")?.click();
  });
  await page.waitForFunction(() => document.querySelector("#save .figures")?.textContent === "ZIP archive: cancelled.");
  assert.deepEqual(readdirSync(it.downloads), []);
  assert.deepEqual(noise, []);
});

test("everything can be done with the keyboard", async () => {
  const { page, noise } = await open(it);
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Skip to the results");
  await tabTo(page, "Choose files…");
  if (kind === "firefox") {
    // What a key opens there, a test cannot answer.
    await choose(page, "#files", one("CT_small.dcm"));
  } else {
    await (await chooser(page)).accept([one("CT_small.dcm")]);
  }
  await finished(page);
  await tabTo(page, /^Changes in /);
  const opener = await focused(page);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#changes .changes");
  assert.ok(await page.evaluate(() => document.getElementById("changes")?.contains(document.activeElement)), "the focus is not in the panel");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("dialog[open]"));
  assert.equal(await focused(page), opener);
  await tabTo(page, "Save as ZIP", "Shift");
  await page.keyboard.press("Enter");
  await downloaded(it.downloads, (name) => name.endsWith(".zip"));
  assert.deepEqual(noise, []);
});

/**
 * The dialog that Enter opens on the element with the focus. On a busy machine the browser sometimes takes the key before
 * it has heard that the dialog is asked for here; a second press is what a person would do then.
 * @param {import("puppeteer-core").Page} page
 */
async function chooser(page) {
  for (let left = 3; ; left--) {
    const asked = page.waitForFileChooser({ timeout: 10_000 });
    const pressed = new Promise((resolve) => setTimeout(resolve, 200)).then(() => page.keyboard.press("Enter"));
    try {
      return (await Promise.all([asked, pressed]))[0];
    } catch (error) {
      if (left === 1) throw error;
    }
  }
}

/** What has the focus, by its label or text. @param {import("puppeteer-core").Page} page */
const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? "");

/** @param {import("puppeteer-core").Page} page @param {string | RegExp} name @param {"Shift"} [modifier] */
async function tabTo(page, name, modifier) {
  for (let steps = 0; steps < 80; steps++) {
    const now = await focused(page);
    if (typeof name === "string" ? now === name : name.test(now)) return;
    if (modifier) await page.keyboard.down(modifier);
    await page.keyboard.press("Tab");
    if (modifier) await page.keyboard.up(modifier);
  }
  assert.fail(`${name} cannot be reached with the Tab key`);
}
