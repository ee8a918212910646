// The settings form: errors where they are, the key, and working again with other settings.

import assert from "./support/assert.mjs";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { many, one } from "./support/corpus.mjs";
import { choose, fill, finished, open, press, rows, stage } from "./support/setup.mjs";

const it = stage();
const KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

test("an error in the settings is shown while typing, with line and column, and leads there", async () => {
  const { page, noise } = await open(it);
  await fill(page, "#rules-text", '{ "general": {\n    "(0010,0010)": "keeep"\n} }');
  // While typing, what is there so far has errors of its own.
  await page.waitForFunction(() => document.querySelector("#rules-error button")?.textContent?.startsWith("Error in line 2, column 21: "));
  const error = await page.$("#rules-error button");
  assert.equal(await page.$eval("#rules-text", (box) => box.getAttribute("aria-invalid")), "true");
  assert.ok(await page.$eval("#rules-text", (box) => box.getAttribute("aria-describedby")?.includes("rules-error")));
  await error?.click();
  const caret = await page.$eval("#rules-text", (box) => [document.activeElement === box, /** @type {HTMLTextAreaElement} */ (box).selectionStart]);
  assert.deepEqual(caret, [true, '{ "general": {\n    "(0010,0010)": "'.length]);
  await fill(page, "#rules-text", '{ "general": { "(0010,0010)": "keep" } }');
  await page.waitForFunction(() => !document.querySelector("#rules-error button"));
  assert.deepEqual(noise, []);
});

test("an unknown key gets a note that is no error", async () => {
  const { page } = await open(it);
  await fill(page, "#rules-text", '{ "general": { "remove_curvs": "true" } }');
  const note = await page.waitForSelector("#rules-warnings button");
  assert.match((await note?.evaluate(({ textContent }) => textContent)) ?? "", /^Note in line 1, column \d+: .*remove_curves/);
});

test("files wait while the settings have an error, and are worked on when it is mended", async () => {
  const { page } = await open(it);
  await fill(page, "#rules-text", "{");
  await page.waitForSelector("#rules-error :is(button, p)");
  await choose(page, "#files", one("CT_small.dcm"));
  await page.waitForFunction(() => document.querySelectorAll("#table tr.waiting").length === 1);
  await fill(page, "#rules-text", "{}");
  await page.waitForFunction(() => !document.querySelector("#rules-error :is(button, p)"));
  await press(page, "Continue", "#progress");
  assert.match(await finished(page), /1 clean/);
});

test("applying other settings works on the same files again", async () => {
  const { page, noise } = await open(it);
  await choose(page, "#files", one("CT_small.dcm"), one("MR_small.dcm"));
  await finished(page);
  const before = await rows(page);
  await fill(page, "#rules-text", '{ "general": { "(0010,0020)": "set(STUDY-7)" } }');
  await page.waitForSelector("#apply:not(:disabled)");
  await page.locator("#apply").click();
  await page.waitForFunction(() => document.querySelector("#table .path")?.textContent?.startsWith("STUDY-7/"));
  await finished(page);
  const after = await rows(page);
  assert.deepEqual(after.map(({ source }) => source), before.map(({ source }) => source));
  assert.ok(after.every(({ path }) => path.startsWith("STUDY-7/")));
  // The page's own key stays: what the settings did not change comes out the same.
  assert.deepEqual(after.map(({ name }) => name), before.map(({ name }) => name));
  assert.deepEqual(noise, []);
});

test("files added before a change is applied are worked on like those in the list", async () => {
  const { page } = await open(it);
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  await fill(page, "#rules-text", '{ "general": { "(0010,0020)": "set(STUDY-7)" } }');
  await page.waitForSelector("#apply:not(:disabled)");
  await choose(page, "#files", one("MR_small.dcm"));
  await page.waitForFunction(() => document.querySelector("#progress .figures")?.textContent?.startsWith("2 files, "));
  assert.deepEqual((await rows(page)).filter(({ path }) => path.startsWith("STUDY-7/")), []);
  assert.ok(await page.$("#apply:not(:disabled)"));
});

test("the same key gives the same names, another one does not", async () => {
  const names = [];
  for (const key of [KEY, KEY, ""]) {
    const { page } = await open(it);
    if (key) await fill(page, "#key", key);
    await choose(page, "#files", ...many().slice(0, 5));
    await finished(page);
    names.push((await rows(page)).map(({ path, name }) => path + name));
    await page.close();
  }
  assert.deepEqual(names[0], names[1]);
  assert.notDeepEqual(names[0], names[2]);
});

test("a table gives new values, says how many rows it has, and can be forgotten", async () => {
  const { page, noise } = await open(it);
  const folder = mkdtempSync(join(tmpdir(), "lethe-table-"));
  const [good, bad] = [join(folder, "good.csv"), join(folder, "bad.csv")];
  writeFileSync(good, "PatientID;new\r\n1CT1;SUBJECT-7\r\n4711;SUBJECT-8\r\n");
  writeFileSync(bad, 'PatientID,new\n1CT1,"a\n');
  await fill(page, "#rules-text", '{ "general": { "PatientID": "set(@lookup(new)@)" } }');
  await choose(page, "#lookup", bad);
  await page.waitForFunction(() => document.getElementById("lookup-error")?.textContent?.includes("line 2: a quotation mark is not closed"));
  assert.equal(await page.$eval("#lookup", (field) => field.getAttribute("aria-invalid")), "true");
  assert.ok(await page.$eval("#lookup", (field) => field.getAttribute("aria-describedby")?.includes("lookup-error")));
  await choose(page, "#lookup", good);
  await page.waitForFunction(() => document.getElementById("lookup-hint")?.textContent?.startsWith("2 rows. "));
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  assert.ok((await rows(page)).every(({ path }) => path.startsWith("SUBJECT-7/")));
  await page.focus("#lookup");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "clear-lookup");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#clear-lookup[hidden]");
  assert.deepEqual(await page.evaluate(() => [document.activeElement?.id, document.getElementById("status")?.textContent]), ["lookup", "The table is forgotten."]);
  await page.locator("#apply:not(:disabled)").click();
  await page.waitForFunction(() => document.body.textContent?.includes("needs a table, which was not given"));
  assert.deepEqual(noise, []);
  rmSync(folder, { recursive: true });
});

test("the key in use can be shown; a wrong one is refused", async () => {
  const { page } = await open(it);
  await press(page, "Show the key in use");
  await page.waitForFunction(() => /^[0-9a-f]{64}$/.test(/** @type {HTMLInputElement} */ (document.getElementById("key")).value));
  await fill(page, "#key", "abc");
  await page.waitForFunction(() => document.getElementById("key-error")?.textContent === "The key has 3 of 64 characters.");
});

test("what the settings do is shown on request, searchable, and opened by print_assignment", async () => {
  const { page } = await open(it);
  await press(page, "Show what these settings do");
  await page.waitForSelector("#rules .rules");
  await page.waitForFunction(() => document.activeElement?.id === "rules");
  await fill(page, "#rules input[type=search]", "(0010,0010)");
  await page.waitForFunction(() => document.querySelectorAll("#rules tbody tr").length === 1);
  assert.match(await page.$eval("#rules tbody tr", ({ textContent }) => textContent ?? ""), /PatientName.*fake_name/);
  await press(page, "Hide what these settings do");
  await page.waitForSelector("#rules[hidden]");
  await fill(page, "#rules-text", '{ "general": { "print_assignment": "true" } }');
  await choose(page, "#files", one("CT_small.dcm"));
  await page.waitForSelector("#rules:not([hidden]) .rules");
});

test("the preset none leaves everything but the UIDs", async () => {
  const { page } = await open(it);
  await page.select("#preset", "none");
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  const [row] = await rows(page);
  assert.equal(basename(row.source), "CT_small.dcm");
  assert.match(row.what, /3\sreplaced · 3\sUIDs$/);
  assert.doesNotMatch(row.what, /emptied|added/);
});
