// The list of old and new numbers, and the key as a file: what the page saves, the command takes, and the other way round.

import assert from "./support/assert.mjs";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { downloaded } from "./support/browser.mjs";
import { one } from "./support/corpus.mjs";
import { runPython, unpack } from "./support/programs.mjs";
import { choose, finished, open, press, rows, stage } from "./support/setup.mjs";
import { decrypt, encrypt } from "../../www/lib/encrypt.js";

const it = stage();
const PASSPHRASE = "fünf zufällige Wörter";
let folder = "";
before(() => (folder = mkdtempSync(join(tmpdir(), "lethe-list-"))));
after(() => rmSync(folder, { recursive: true }));

/** The download of this name, moved away so that the next one keeps its name. @param {string} name @param {string} as */
async function taken(name, as) {
  const path = join(folder, as);
  renameSync(await downloaded(it.downloads, (other) => other === name), path);
  return path;
}

/** Rows of a table, as Python's csv module reads them. @param {string} path @returns {string[][]} */
const table = (path) => JSON.parse(runPython(["-c", "import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8-sig')))))", path]));

test("the list is kept only if asked for, and is saved with what the files hold", async () => {
  const { page, noise } = await open(it);
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  assert.equal(await page.$('#save ::-p-xpath(.//button[starts-with(., "Save the list")])'), null);
  await page.$eval("#keep", (box) => /** @type {HTMLElement} */ (box).click());
  await page.locator("#apply:not(:disabled)").click();
  await page.waitForSelector('#save ::-p-xpath(.//button[starts-with(., "Save the list")])');
  await finished(page);
  await press(page, "Save the list", "#save");
  await press(page, "Save it", "#list");
  const archive = await taken("old-and-new-numbers.zip", "plain.zip");
  const out = join(folder, "plain");
  mkdirSync(out);
  assert.deepEqual(unpack(archive, out).sort(), ["accessions.csv", "patients.csv", "studies.csv", "uids.csv"]);
  const [{ path }] = await rows(page);
  assert.deepEqual(table(join(out, "patients.csv")), [["id_old", "id_new"], ["1CT1", path.split("/")[0]]]);
  assert.equal(table(join(out, "studies.csv"))[1][1], path.split("/")[1]);
  assert.deepEqual(noise, []);
});

test("a list under a passphrase is encrypted, and the page opens it and others", async () => {
  const { page, noise } = await open(it);
  await page.$eval("#keep", (box) => /** @type {HTMLElement} */ (box).click());
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  await press(page, "Save the list", "#save");
  await page.type("#list-pass", PASSPHRASE);
  await page.type("#list-again", "another");
  await press(page, "Save it", "#list");
  await page.waitForFunction(() => document.getElementById("list-error")?.textContent === "The two passphrases differ.");
  await page.$eval("#list-again", (field, text) => (/** @type {HTMLInputElement} */ (field).value = text), PASSPHRASE);
  await press(page, "Save it", "#list");
  const sealed = await taken("old-and-new-numbers.zip.lethe", "list.zip.lethe");
  assert.equal(await page.$eval("#list-pass", (field) => /** @type {HTMLInputElement} */ (field).value), "", "the page forgets it");
  const content = Buffer.from(await decrypt(readFileSync(sealed), PASSPHRASE));
  assert.equal(content.subarray(0, 4).toString("latin1"), "PK\x03\x04");

  await page.$eval("#opener", (details) => details.setAttribute("open", ""));
  const other = join(folder, "patients.csv.lethe");
  writeFileSync(other, await encrypt("id_old,id_new\r\n", "wort"));
  await choose(page, "#open-file", other);
  await page.type("#open-pass", "wart");
  await press(page, "Open and save it", "#opener");
  await page.waitForFunction(() => document.getElementById("open-error")?.textContent?.startsWith("Another passphrase was used"));
  await page.$eval("#open-pass", (field) => (/** @type {HTMLInputElement} */ (field).value = "wort"));
  await press(page, "Open and save it", "#opener");
  assert.equal(readFileSync(await taken("patients.csv", "opened.csv"), "utf8"), "id_old,id_new\r\n");
  assert.deepEqual(noise, []);
});

test("a saved key gives the same names in another page", async () => {
  const first = await open(it);
  await choose(first.page, "#files", one("CT_small.dcm"));
  await finished(first.page);
  await press(first.page, "Save the key", "#settings");
  const key = await taken("lethe-key.txt", "key.txt");
  assert.match(readFileSync(key, "utf8"), /^[0-9a-f]{64}\n$/);
  const second = await open(it);
  await choose(second.page, "#key-file", key);
  await second.page.waitForFunction(() => /** @type {HTMLInputElement} */ (document.getElementById("key")).value.length === 64);
  await choose(second.page, "#files", one("CT_small.dcm"));
  await finished(second.page);
  assert.deepEqual((await rows(second.page)).map(({ path, name }) => path + name), (await rows(first.page)).map(({ path, name }) => path + name));
  assert.deepEqual([...first.noise, ...second.noise], []);
  assert.deepEqual(readdirSync(it.downloads), []);
});
