// The Standard's profile in the form: its Options, what wins over them, and the same bytes as the command gives.

import assert from "./support/assert.mjs";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { settings as longitudinal, writeImages } from "../js/support/longitudinal.mjs";
import { commandOutputs, hashes, key } from "../package/support/command.mjs";
import { downloaded } from "./support/browser.mjs";
import { many, one } from "./support/corpus.mjs";
import { unpack } from "./support/programs.mjs";
import { choose, fill, finished, open, press, rows, saveAll, stage } from "./support/setup.mjs";

/** @import { Page } from "puppeteer-core" */

const it = stage();
const scratch = mkdtempSync(join(tmpdir(), "lethe-profile-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** The Options that can be on together, as docs/CONFIG.md names them. */
const TOGETHER = ["retain_safe_private", "retain_uids", "retain_device_identity", "retain_institution_identity", "retain_patient_characteristics", "retain_modified_dates", "clean_descriptors", "clean_structured_content", "clean_graphics"];

/** Chooses the profile, and Options by clicks on their labels. @param {Page} page @param {string[]} options */
async function profile(page, options) {
  await page.select("#preset", "ps3.15");
  await page.waitForSelector("#profile:not([hidden])");
  for (const option of options) await page.locator(`label[for=${option}]`).click();
}

/** What the page makes of files with the profile; the settings are applied before. @param {Page} page @param {string[]} files */
async function saved(page, files) {
  await choose(page, "#files", ...files);
  await finished(page);
  const [folder, clean] = [mkdtempSync(join(scratch, "zip-")), (await rows(page)).filter(({ source }) => source)];
  if (clean.some((row) => row.kind === "risky")) await saveAll(page, "Save as ZIP");
  else await press(page, "Save as ZIP", "#save");
  const archive = await downloaded(it.downloads, (name) => name.endsWith(".zip"));
  assert.equal(unpack(archive, folder).length, clean.length);
  rmSync(archive);
  // The command writes equal outputs of equal inputs once.
  return [...new Set(hashes(folder))];
}

/**
 * The page with the command's key and time, on a machine of so many processors.
 * @param {number} processors
 */
async function openWithKey(processors) {
  const prepare = (/** @type {Page} */ page) => page.evaluateOnNewDocument((processors) => {
    const moment = new Date(2024, 1, 29, 12, 34, 56, 789);
    globalThis.Date = new Proxy(Date, { construct: (target, given) => Reflect.construct(target, given.length ? given : [moment]) });
    Object.defineProperty(Navigator.prototype, "hardwareConcurrency", { get: () => processors });
  }, processors);
  const opened = await open(it, { prepare });
  await fill(opened.page, "#key", key);
  return opened;
}

test("the profile's Options are shown with it, and dates can have one of theirs", async () => {
  const { page, noise } = await open(it);
  await page.waitForSelector("#profile[hidden]");
  await profile(page, ["retain_full_dates", "retain_modified_dates", "retain_uids"]);
  const chosen = await page.$$eval("#profile input:checked", (inputs) => inputs.map((input) => /** @type {HTMLInputElement} */ (input).value));
  assert.deepEqual(chosen, ["retain_modified_dates", "retain_uids"]);
  await page.select("#preset", "none");
  await page.waitForSelector("#profile[hidden]");
  assert.deepEqual(noise, []);
});

test("the form has every Option of the settings language", async () => {
  const { page } = await open(it);
  const values = await page.$$eval("#profile input", (inputs) => inputs.map((input) => /** @type {HTMLInputElement} */ (input).value));
  const schema = readFileSync(new URL("../../src/config/settings.schema.json", import.meta.url), "utf8");
  const known = [...new Set(schema.match(/"(retain|clean)_[a-z_]+"/g))].map((name) => JSON.parse(name)).filter((name) => name !== "clean_frames");
  assert.deepEqual(values.filter(Boolean).sort(), known.sort());
});

test("the rules say row, edition and Option", async () => {
  const { page } = await open(it);
  await profile(page, ["retain_uids"]);
  await press(page, "Show what these settings do");
  await page.waitForSelector("#rules .rules");
  await fill(page, "#rules input[type=search]", "(0020,000d)");
  await page.waitForFunction(() => document.querySelectorAll("#rules tbody tr").length === 1);
  const because = () => page.$eval("#rules .because", ({ textContent }) => textContent ?? "");
  assert.match(await because(), /^PS3\.15 \d{4}[a-e] Table E\.1-1 \(0020,000d\) K, Retain UIDs Option$/);
  await page.locator("label[for=retain_uids]").click();
  await page.waitForFunction(() => document.querySelector("#rules .because")?.textContent?.endsWith("(0020,000d) U"));
});

test("everything in the profile can be reached and chosen with the keyboard", async () => {
  const { page } = await open(it);
  await page.select("#preset", "ps3.15");
  await page.waitForSelector("#profile:not([hidden])");
  await page.focus("#preset");
  /** @type {(string | undefined)[]} */
  const reached = [];
  for (let n = 0; n < 9; n++) {
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate(() => document.activeElement?.id));
    if (n === 0) await page.keyboard.press("ArrowDown");
    if (n === 1) await page.keyboard.press(" ");
  }
  const boxes = await page.$$eval("#profile input[type=checkbox]", (inputs) => inputs.map(({ id }) => id));
  assert.deepEqual(reached, ["dates-removed", ...boxes]);
  const chosen = await page.$$eval("#profile input:checked", (inputs) => inputs.map(({ id }) => id));
  assert.deepEqual(chosen, ["retain_full_dates", boxes[0]]);
});

test("own rules that name Options or a preset take the place of the form's", async () => {
  const { page, noise } = await open(it);
  const patient = async () => {
    await page.waitForSelector("#apply:not(:disabled)");
    await page.locator("#apply").click();
    // The list of the run before says that it is finished, until this one has begun.
    await page.waitForSelector("#apply:disabled");
    await finished(page);
    await page.waitForFunction(() => document.querySelector("#table tbody tr .what")?.textContent);
    return (await rows(page))[0].what;
  };
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  await profile(page, ["retain_uids"]);
  assert.doesNotMatch(await patient(), /UIDs/, "the box is used");
  for (const [own, told] of [['{ "general": { "profile_options": [] } }', "Options"], ['{ "general": { "preset": "none" } }', "a preset"]]) {
    await fill(page, "#rules-text", own);
    await page.waitForSelector("#profile:disabled");
    assert.equal(await page.$eval("#profile-hint", ({ textContent }) => textContent), `Not used: your own rules name ${told} themselves.`);
    assert.match(await patient(), /UIDs/, "the text is used");
  }
  await fill(page, "#rules-text", '{ "general": { "(0010,0010)": "keep" } }');
  await page.waitForSelector("#profile:enabled");
  assert.doesNotMatch(await patient(), /UIDs/, "the box is used again");
  assert.deepEqual(noise, []);
});

test("real files under all Options that go together are the command's, byte for byte", async (t) => {
  const { page, noise } = await openWithKey(2);
  await profile(page, TOGETHER);
  const own = { general: { "(0008,1040)": "set(@process_date@ @process_time@)", risk_documents: "warn" } };
  await fill(page, "#rules-text", JSON.stringify(own));
  const files = many();
  const expected = commandOutputs(files, mkdtempSync(join(scratch, "command-")), { config: { general: { preset: "ps3.15", profile_options: TOGETHER, ...own.general } } });
  assert.deepEqual(await saved(page, files), expected);
  assert.ok(expected.length >= 30);
  assert.deepEqual(noise, []);
  t.diagnostic(`inputs ${files.length}`);
});

test("three patients with moved dates are the command's, in any order and with any number of workers", async (t) => {
  const command = mkdtempSync(join(scratch, "command-"));
  const expected = commandOutputs(writeImages(join(command, "images"), false), command, { config: longitudinal });
  for (const [processors, backwards] of /** @type {[number, boolean][]} */ ([[1, false], [4, true]])) {
    const { page } = await openWithKey(processors);
    await profile(page, longitudinal.general.profile_options);
    await fill(page, "#rules-text", JSON.stringify({ general: { "(0008,1040)": longitudinal.general["(0008,1040)"] } }));
    const files = writeImages(mkdtempSync(join(scratch, "in-")), backwards).sort();
    assert.deepEqual(await saved(page, files), expected, `${processors} processors`);
    await page.close();
    t.diagnostic(`inputs ${files.length}`);
  }
});
