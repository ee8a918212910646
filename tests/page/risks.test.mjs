// Risky content: files that may show who the patient is are marked, and asked about before they are saved.

import assert from "./support/assert.mjs";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { downloaded } from "./support/browser.mjs";
import { one } from "./support/corpus.mjs";
import { unpack } from "./support/programs.mjs";
import { choose, fill, finished, open, press, rows, stage } from "./support/setup.mjs";

/** @import { Page } from "puppeteer-core" */

const it = stage();
const scratch = mkdtempSync(join(tmpdir(), "lethe-risks-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const CT = one("CT_small.dcm");
const ULTRASOUND = one("examples_palette.dcm", "OBXXXX1A.dcm");
const CAPTURE = one("SC_rgb_jpeg.dcm", "JPGExtended.dcm");
const BURNED_IN = one("GREYSCALE_IMAGE.dcm", "ultrasound-multiframe.dcm");

/** Opens the page with a CT image, two files to look at, and one that is refused. */
async function openWithRisks() {
  const { page, noise } = await open(it);
  await choose(page, "#files", CT, ULTRASOUND, CAPTURE, BURNED_IN);
  assert.match(await finished(page), /^4 files, .*: 3 clean, 1 refused, 0 left out$/);
  return { page, noise };
}

/** What the question says; nothing if nothing is asked. @param {Page} page */
const question = (page) => page.$eval("#confirm", (dialog) => (/** @type {HTMLDialogElement} */ (dialog).open ? (dialog.textContent ?? "") : ""));

/** @param {Page} page */
const figures = (page) => page.$eval("#save .figures", ({ textContent }) => textContent ?? "");

/** @param {Page} page @param {string} text */
const says = (page, text) => page.waitForFunction((text) => document.querySelector("#save .figures")?.textContent === text, {}, text);

/** @param {Page} page */
async function savedReport(page) {
  rmSync(join(it.downloads, "lethe-report.json"), { force: true });
  await press(page, "Save the report");
  return JSON.parse(readFileSync(await downloaded(it.downloads, (name) => name === "lethe-report.json"), "utf8"));
}

test("files to look at are marked and can be listed, and refused ones say which setting refuses them", async () => {
  const { page, noise } = await openWithRisks();
  assert.equal(await figures(page), "2 files to look at: you are asked before saving. 1 file is not saved: refused or left out.");
  const kinds = Object.fromEntries((await rows(page)).map(({ kind, source, name }) => [source || name, kind]));
  assert.deepEqual(Object.values(kinds).sort(), ["clean", "refused", "risky", "risky"]);
  await press(page, "To look at", "#table");
  const risky = await rows(page);
  assert.equal(risky.length, 2);
  assert.ok(risky.some(({ what }) => what.includes("An ultrasound picture often shows names, and the file does not deny it. (0028,0301)")), JSON.stringify(risky));
  assert.ok(risky.some(({ what }) => what.includes("A captured or scanned picture can show names. (0008,0016)")));
  await press(page, "Refused", "#table");
  const [refused] = await rows(page);
  assert.match(refused.what, /^The file says that text is burned into the picture; to take such files, set risk_burned_in to warn or pass\. \(0028,0301\)$/);
  assert.deepEqual(noise, []);
});

test("nothing is saved before the question is answered, and the answer stands in the report", async () => {
  const { page, noise } = await openWithRisks();
  await press(page, "Save as ZIP");
  assert.match(await question(page), /2 files may still show who the patient is\..*1 captured or scanned picture: .*1 ultrasound picture: /);
  await press(page, "Cancel", "#confirm");
  assert.equal(await question(page), "");
  assert.deepEqual(readdirSync(it.downloads), []);
  assert.deepEqual((await savedReport(page)).summary.choices, { saved: 0, leftOut: 0, notYet: 2 });

  await press(page, "Save as ZIP");
  await press(page, "Leave these 2 out", "#confirm");
  await says(page, "ZIP archive: 1 file saved, 2 left out.");
  const zip = await downloaded(it.downloads, (name) => name.endsWith(".zip"));
  assert.equal(unpack(zip, join(scratch, "zip")).length, 1);
  const left = await savedReport(page);
  assert.deepEqual(left.summary.choices, { saved: 0, leftOut: 2, notYet: 0 });
  assert.deepEqual(left.files.map((/** @type {any} */ { choice }) => choice).sort(), ["left out", "left out", undefined, undefined]);

  await press(page, "Save as TAR");
  await press(page, "Save all 3", "#confirm");
  await says(page, "TAR archive: 3 files saved.");
  const tar = await downloaded(it.downloads, (name) => name.endsWith(".tar"));
  assert.equal(unpack(tar, join(scratch, "tar")).length, 3);
  const { summary, files } = await savedReport(page);
  assert.deepEqual(summary.choices, { saved: 2, leftOut: 0, notYet: 0 });
  assert.deepEqual(summary.risks, { "unstated-slices": { pass: 1 }, ultrasound: { warn: 1 }, "secondary-capture": { warn: 1 }, "burned-in": { refuse: 1 } });
  assert.ok(files.some((/** @type {any} */ { risks, choice }) => choice === "saved" && risks[0].class === "ultrasound" && risks[0].policy === "warn" && risks[0].path === "(0028,0301)"));
  assert.ok(files.some((/** @type {any} */ { error }) => error?.code === "risk-burned-in"));
  assert.deepEqual(noise, []);
});

test("a single risky file is asked about, too", async () => {
  const { page, noise } = await open(it);
  await choose(page, "#files", ULTRASOUND);
  await finished(page);
  await press(page, "Save", "#table .actions");
  assert.match(await question(page), /^Look before you pass them on1 file may still show/);
  await press(page, "Save it", "#confirm");
  await downloaded(it.downloads, (name) => name.endsWith(".dcm"));
  assert.equal((await savedReport(page)).files[0].choice, "saved");
  assert.deepEqual(noise, []);
});

test("from the question the files can be shown", async () => {
  const { page } = await openWithRisks();
  await press(page, "Save as ZIP");
  await press(page, "Show them", "#confirm");
  assert.equal(await question(page), "");
  assert.deepEqual((await rows(page)).map(({ kind }) => kind), ["risky", "risky"]);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "results");
});

test("the panel of a file says what is risky and which setting rules it", async () => {
  const { page } = await openWithRisks();
  await press(page, "To look at", "#table");
  await page.locator("#table tr.risky .actions button").click();
  await page.waitForSelector("#changes .risks");
  assert.match(await page.$eval("#changes .risks", ({ textContent }) => textContent ?? ""), /^Look at it: .* Setting: risk_(ultrasound|secondary_capture) = warn$/);
  await page.keyboard.press("Escape");
  await press(page, "All", "#table");
  await page.locator("#table tr.clean .actions button").click();
  await page.waitForSelector("#changes .risks");
  assert.match(await page.$eval("#changes .risks", ({ textContent }) => textContent ?? ""), /^Noted: .* Setting: risk_unstated_slices = pass$/);
});

test("the question is answered with the keyboard", async () => {
  const { page } = await openWithRisks();
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
  await page.evaluate(() => /** @type {HTMLElement} */ (document.querySelector("#save button")).focus());
  await page.keyboard.press("Enter");
  await page.waitForSelector("#confirm[open]");
  assert.equal(await focused(), "Leave these 2 out");
  await page.keyboard.press("Tab");
  assert.equal(await focused(), "Save all 3");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("#confirm[open]"));
  assert.equal(await focused(), "Save as ZIP");
});

test("what the settings pass is not asked about, and what they refuse is not saved", async () => {
  const { page } = await openWithRisks();
  await fill(page, "#rules-text", '{ "general": { "risk_ultrasound": "pass", "risk_secondary_capture": "refuse", "risk_burned_in": "pass" } }');
  await press(page, "Apply");
  await page.waitForFunction(() => /3 clean, 1 refused/.test(document.querySelector("#progress .figures")?.textContent ?? "") && document.querySelectorAll("#table tr.refused .what").length === 1
    && document.querySelector("#table tr.refused .what")?.textContent?.includes("risk_secondary_capture"));
  await press(page, "Save as ZIP");
  await says(page, "ZIP archive: 3 files saved.");
  assert.equal(await question(page), "");
});
