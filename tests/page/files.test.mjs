// From files to clean files: drop or choose, then save in every way, and look at what was saved with other programs.

import assert from "./support/assert.mjs";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { downloaded, kind } from "./support/browser.mjs";
import { makeFolder, MARKUP, one, walk } from "./support/corpus.mjs";
import { checkClean, cleaned, run, runPython, sums, unpack } from "./support/programs.mjs";
import { choose, drop, finished, open, press, rows, saveAll, stage } from "./support/setup.mjs";

const it = stage();
const dropped = makeFolder();
const scratch = mkdtempSync(join(tmpdir(), "lethe-saved-"));
after(() => (dropped.remove(), rmSync(scratch, { recursive: true, force: true })));

/** Firefox cannot be given a folder by a test: it gets the files. */
const paths = kind === "firefox" ? walk(dropped.folder) : [dropped.folder];

/**
 * Which file became which: the corpus has the same image in several forms, so names are numbered where they are the same.
 * @param {{ path: string, name: string, source: string }[]} clean in the order of the table
 */
function namesOf(clean) {
  const originals = new Map(walk(dropped.folder).map((path) => [basename(path), path]));
  const seen = new Map();
  return clean.map(({ path, name, source }) => {
    const number = (seen.get(path + name) ?? 0) + 1;
    seen.set(path + name, number);
    const output = path + (number > 1 ? name.replace(/\.dcm$/, `-${number}.dcm`) : name);
    return { original: originals.get(basename(source)) ?? "", output };
  });
}

/** Holds that outputs parse, are clean, and have the originals' pixels. @param {{ original: string, output: string }[]} pairs */
function assertClean(pairs) {
  const results = checkClean(pairs);
  assert.deepEqual(results.flatMap(({ leaks }, at) => leaks.map((leak) => `${basename(pairs[at].original)}: ${leak}`)), []);
  assert.ok(results.every(({ pixels }) => pixels), "the pixels of a file have changed");
  assert.ok(results.length >= 30 && results.reduce((sum, { searched }) => sum + searched, 0) > 100, "too little was looked at");
  return new Set(results.map(({ syntax }) => syntax));
}

test("the check finds identity where it is", () => {
  const deflated = one("CT_small_deflated.dcm", "image_dfl.dcm");
  const originals = [one("CT_small.dcm"), one("MR_small_bigendian.dcm"), deflated, one("JPEG2000.dcm")];
  for (const { leaks } of checkClean(originals.map((path) => ({ original: path, output: path })))) assert.ok(leaks.length >= 8, String(leaks));
});

/**
 * A key that is always the same. With a random one, digits of a new UID are a Patient ID of five digits once in some
 * hundred runs, and a shifted date is a birth date; what a run with this key does, it does every time.
 */
const KEY = "1e7e".repeat(16);

test("a drop is cleaned as the command does it, and saved as ZIP, as TAR and one by one", async (t) => {
  const { page, noise } = await open(it);
  const key = join(scratch, "key.txt");
  writeFileSync(key, KEY);
  await choose(page, "#key-file", key);
  await page.waitForFunction((key) => /** @type {HTMLInputElement} */ (document.getElementById("key")).value === key, {}, KEY);
  await drop(page, ...paths);
  const figures = await finished(page);
  assert.match(figures, new RegExp(`^${dropped.total} files, .*: ${dropped.clean} clean, 1 refused, 1 left out$`));
  const table = await rows(page);
  const clean = table.filter(({ source }) => source);
  assert.equal(clean.length, dropped.clean);
  const [zip, tar] = [join(scratch, "zip"), join(scratch, "tar")];

  await saveAll(page, "Save as ZIP");
  const zipped = await downloaded(it.downloads, (name) => name.endsWith(".zip"));
  run("unzip", ["-tqq", zipped]);
  const became = namesOf(clean);
  const names = became.map(({ output }) => output).sort();
  assert.deepEqual(unpack(zipped, zip).sort(), names);
  const syntaxes = assertClean(became.map(({ original, output }) => ({ original, output: join(zip, output) })));
  assert.ok(syntaxes.size >= 10, `only ${syntaxes.size} Transfer Syntaxes`);

  assert.deepEqual(cleaned(dropped.folder, join(scratch, "by the command"), key), sums(names.map((name) => join(zip, name))), "the command makes other files");

  await saveAll(page, "Save as TAR");
  const tarred = await downloaded(it.downloads, (name) => name.endsWith(".tar"));
  assert.deepEqual(unpack(tarred, tar).sort(), names);
  for (const name of names) assert.ok(readFileSync(join(zip, name)).equals(readFileSync(join(tar, name))), "ZIP and TAR differ");

  await press(page, "Previous", "#table .pager");
  const shown = await page.$$eval("#table .name", (names) => names.map(({ textContent }) => textContent));
  const single = clean.findLast(({ name }) => shown.includes(name) && clean.filter((other) => other.name === name).length === 1);
  await page.locator(`#table [aria-label="Save ${single?.name}"]`).click();
  if (single?.kind === "risky") await press(page, "Save it", "#confirm");
  const saved = await downloaded(it.downloads, (name) => name === single?.name);
  assert.ok(readFileSync(saved).equals(readFileSync(join(zip, `${single?.path}${single?.name}`))), "the single file differs");
  assert.deepEqual(noise, []);
  t.diagnostic(`inputs ${table.length}`);
  t.diagnostic(`${syntaxes.size} Transfer Syntaxes`);
});

test("the picker takes the same files", async () => {
  const { page, noise } = await open(it);
  if (kind === "firefox") await choose(page, "#files", ...paths);
  else await choose(page, "#folder", dropped.folder);
  assert.match(await finished(page), new RegExp(`: ${dropped.clean} clean, 1 refused, 1 left out$`));
  assert.deepEqual(noise, []);
});

test("a refused file is shown with its reason, under its own name", async () => {
  const { page } = await open(it);
  await drop(page, ...paths);
  await finished(page);
  await press(page, "Refused", "#table");
  const [refused, ...others] = await rows(page);
  assert.equal(others.length, 0);
  assert.equal(refused.name, "cut short.dcm");
  assert.match(refused.what, /^[A-Z].*end/);
  await press(page, "Left out", "#table");
  assert.equal((await rows(page))[0].name, "notes.txt");
});

test("the report says what happened, and names nobody", async () => {
  const { page } = await open(it);
  await drop(page, ...paths);
  await finished(page);
  await press(page, "Save the report");
  const text = readFileSync(await downloaded(it.downloads, (name) => name === "lethe-report.json"), "utf8");
  const report = JSON.parse(text);
  assert.equal(report.files.length, dropped.total);
  const { inputs, done, refused, leftOut } = report.summary;
  assert.deepEqual({ inputs, done, refused, leftOut }, { inputs: dropped.total, done: dropped.clean, refused: 1, leftOut: 1 });
  for (const name of ["Jane Doe", "cut short", "notes.txt", "CompressedSamples", basename(MARKUP)]) assert.ok(!text.includes(name), "the report holds identity");
});

test("saving into a folder writes the same files", async () => {
  // No test can answer the browser's folder dialog: the page is given a folder of the browser's own.
  const prepare = (/** @type {import("puppeteer-core").Page} */ page) => page.evaluateOnNewDocument(() => {
    /** @type {any} */ (window).showDirectoryPicker = async () => (await navigator.storage.getDirectory()).getDirectoryHandle("saved", { create: true });
  });
  const { page, noise } = await open(it, { prepare });
  await drop(page, ...paths);
  await finished(page);
  const names = namesOf((await rows(page)).filter(({ source }) => source)).map(({ output }) => output);
  await saveAll(page, "Save into a folder");
  await page.waitForFunction(() => document.querySelector("#save .figures")?.textContent?.startsWith("Folder: "));
  await page.waitForFunction((count) => document.querySelector("#save .figures")?.textContent === `Folder: ${count} files saved.`, {}, dropped.clean);
  const written = await page.evaluate(async () => {
    const files = /** @type {string[]} */ ([]);
    const walk = async (/** @type {any} */ folder, /** @type {string} */ path) => {
      for await (const [name, handle] of folder.entries()) await (handle.kind === "file" ? files.push(path + name) : walk(handle, `${path}${name}/`));
    };
    await walk(await (await navigator.storage.getDirectory()).getDirectoryHandle("saved"), "");
    await (await navigator.storage.getDirectory()).removeEntry("saved", { recursive: true });
    return files;
  });
  assert.deepEqual(written.sort(), names.sort());
  assert.deepEqual(noise, []);
});

test("a ZIP archive is opened", async () => {
  const archive = join(scratch, "archive.zip");
  runPython(["-c", "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z: [z.write(p) for p in sys.argv[2:]]", archive, one("CT_small.dcm"), one("MR_small.dcm")]);
  const { page } = await open(it);
  await choose(page, "#files", archive);
  assert.match(await finished(page), /^2 files, .*: 2 clean/);
});

test("every change of a file is shown, values before and after", async () => {
  const { page } = await open(it);
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  await press(page, "Changes", "#table");
  await page.waitForSelector("#changes .changes");
  const changes = await page.$$eval("#changes tbody tr", (rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent ?? "")));
  const name = changes.find(([tag]) => tag === "(0010,0010)") ?? [];
  assert.deepEqual(name.slice(0, 5), ["(0010,0010)", "PatientName", "PN", "replaced", "CompressedSamples^CT1"]);
  assert.notEqual(name[5], name[4]);
  assert.ok(name[6].length > 0, "the rule is missing");
  assert.ok(changes.every(([, , , action]) => action !== "kept"));
  const count = () => page.$eval("#changes [role=status]", ({ textContent }) => parseInt(textContent ?? ""));
  const changed = await count();
  await page.locator("#changes input[type=checkbox]").click();
  await page.waitForFunction((less) => parseInt(document.querySelector("#changes [role=status]")?.textContent ?? "") > less, {}, changed);
});
