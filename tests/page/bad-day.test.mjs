// A bad day on the page: what goes wrong refuses the files it touches, is said, and leaves nothing that looks whole.

import assert from "./support/assert.mjs";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { image } from "../js/support/images.mjs";
import { downloaded, kind } from "./support/browser.mjs";
import { unpack } from "./support/programs.mjs";
import { choose, dropNamed, finished, open, press, rows, stage } from "./support/setup.mjs";

/** @import { Page } from "puppeteer-core" */

const AGAIN = "a file has changed or is gone since it was cleaned; add it again";
const it = stage();
const scratch = mkdtempSync(join(tmpdir(), "lethe-bad-day-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** @param {Page} page @param {string} what */
const saved = (page, what) => page.waitForFunction((what) => document.querySelector("#save .figures")?.textContent?.startsWith(what), {}, what);

/** The name and bytes of each clean file, by original name. @param {Page} page @param {string} key */
async function zipped(page, key) {
  await press(page, "Save as ZIP");
  const zip = await downloaded(it.downloads, (name) => name.endsWith(".zip"));
  const folder = join(scratch, key);
  const names = unpack(zip, folder);
  rmSync(zip);
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name)).toString("base64")]));
}

/** The same key in each batch: the page makes a new one when it is opened. @param {Page} page */
const setKey = (page) => page.$eval("#key", (field) => {
  /** @type {HTMLInputElement} */ (field).value = "5eed".repeat(16);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

test("bad files of a batch are listed with a reason, and the good ones are those of a batch without them", async (t) => {
  const good = Array.from({ length: 45 }, (_, at) => ({ name: `${at}.dcm`, base64: image("Good^Patient", at + 1).toString("base64") }));
  const whole = image("Bad^Patient", 99);
  const contents = [Buffer.alloc(0), Buffer.alloc(900), whole.subarray(0, 300), Buffer.concat([whole.subarray(0, 132), Buffer.alloc(200, 255)]), Buffer.from("notes on Bad^Patient")];
  const bad = contents.map((content, at) => ({ name: `bad ${at} 😀\n\u202E<b>`, base64: content.toString("base64") }));
  const batches = [];
  for (const files of [good, good.flatMap((file, at) => (at % 9 === 4 ? [bad[(at - 4) / 9], file] : [file]))]) {
    const { page, noise } = await open(it);
    await setKey(page);
    await dropNamed(page, files);
    const figures = await finished(page);
    batches.push(await zipped(page, `batch-${files.length}`));
    if (files.length > good.length) {
      assert.match(figures, /^50 files, .*: 45 clean, 2 refused, 3 left out$/);
      const listed = (await rows(page)).filter(({ source }) => !source);
      assert.deepEqual(listed.map(({ name }) => name).sort(), bad.map(({ name }) => name).sort());
      assert.ok(listed.every(({ what }) => what.length > 10));
    }
    assert.deepEqual(noise, []);
    await page.close();
  }
  assert.equal(Object.keys(batches[0]).length, 45);
  assert.deepEqual(batches[1], batches[0]);
  t.diagnostic("inputs 95");
});

test("the same file twice is saved twice, under two names; an empty one is left out", async () => {
  const { page } = await open(it);
  const base64 = image("Twice^Patient", 1).toString("base64");
  await dropNamed(page, [{ name: "a", base64 }, { name: "a", base64 }, { name: "nothing", base64: "" }]);
  assert.match(await finished(page), /: 2 clean, 0 refused, 1 left out$/);
  const files = await zipped(page, "twice");
  const names = Object.keys(files).sort();
  assert.equal(names.length, 2);
  assert.equal(names[0], names[1].replace(/\.dcm$/, "-2.dcm"));
  assert.equal(files[names[0]], files[names[1]]);
});

test("a worker that traps refuses its file alone", async () => {
  const prepare = (/** @type {Page} */ page) => page.evaluateOnNewDocument(() => {
    // What a trap, or memory that is used up, looks like from outside: an error that nobody catches.
    const trap = `addEventListener("message", (event) => {
      if (event.data.task?.file?.size !== 13) return;
      event.stopImmediatePropagation();
      setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); });
    });\n`;
    const real = URL.createObjectURL;
    URL.createObjectURL = (blob) => real(/** @type {Blob} */ (blob).type === "text/javascript" ? new Blob([trap, /** @type {Blob} */ (blob)], { type: "text/javascript" }) : blob);
  });
  const { page, noise } = await open(it, { prepare });
  const good = Array.from({ length: 20 }, (_, at) => ({ name: `${at}.dcm`, base64: image("Good^Patient", at + 1).toString("base64") }));
  good.splice(7, 0, { name: "trap.dcm", base64: Buffer.alloc(13).toString("base64") });
  await dropNamed(page, good);
  assert.match(await finished(page), /: 20 clean, 1 refused, 0 left out$/);
  const [trapped] = (await rows(page)).filter(({ source }) => !source);
  assert.equal(trapped.name, "trap.dcm");
  assert.match(trapped.what, /^The engine failed on this file/);
  assert.deepEqual(noise, []);
});

test("files that change or go after they were chosen are refused, and archives of them are not saved", async () => {
  const [changed, gone] = ["changed.dcm", "gone.dcm"].map((name) => join(scratch, name));
  // Small files are held in memory: of these the output refers to the file.
  [changed, gone].forEach((path, at) => writeFileSync(path, image("Good^Patient", at + 1, 300_000)));
  const { page } = await open(it);
  await choose(page, "#files", changed, gone);
  assert.match(await finished(page), /: 2 clean/);
  appendFileSync(changed, Buffer.alloc(64));
  unlinkSync(gone);
  await press(page, "Save as ZIP");
  await saved(page, `ZIP archive: not saved. ${AGAIN}`);
  await press(page, "Save as TAR");
  await saved(page, `TAR archive: not saved. ${AGAIN}`);
  assert.deepEqual(readdirSync(it.downloads), []);
  await page.select("#preset", "none");
  await page.$eval("#preset", (field) => field.dispatchEvent(new Event("input", { bubbles: true })));
  await press(page, "Apply");
  // Firefox reads a file that was written to as it is now, and cannot tell: docs/SECURITY.md.
  const refused = kind === "firefox" ? 1 : 2;
  await page.waitForFunction((refused) => document.querySelector("#progress .figures")?.textContent?.endsWith(` ${refused} refused, 0 left out`), {}, refused);
  const reasons = (await rows(page)).filter(({ source }) => !source).map(({ what }) => what);
  assert.ok(reasons.length === refused && reasons.every((what) => /read/.test(what)), reasons.join());
});

/**
 * The page with a folder of the browser's own, whose files fail: no test can answer the browser's dialog.
 * @param {string} how which call fails, from the third file on
 */
function failingFolder(how) {
  return (/** @type {Page} */ page) => page.evaluateOnNewDocument((how) => {
    /** @type {any} */ (window).showDirectoryPicker = async () => (await navigator.storage.getDirectory()).getDirectoryHandle("failing", { create: true });
    const real = FileSystemFileHandle.prototype.createWritable;
    let files = 0;
    FileSystemFileHandle.prototype.createWritable = async function (...args) {
      if (++files < 3) return real.apply(this, args);
      if (how === "permission") throw new DOMException("the permission was revoked", "NotAllowedError");
      const stream = await real.apply(this, args);
      const writer = stream.getWriter();
      return /** @type {any} */ (new WritableStream({
        async write(chunk) {
          await writer.write(chunk.slice(0, 10));
          await writer.abort();
          throw new DOMException("the disk is full", "QuotaExceededError");
        },
      }));
    };
  }, how);
}

for (const [how, message] of [["permission", "the permission was revoked"], ["disk", "the disk is full"]]) {
  test(`saving into a folder ends when it fails (${how}), is told, and leaves whole files only`, async () => {
    const { page } = await open(it, { prepare: failingFolder(how) });
    const files = Array.from({ length: 5 }, (_, at) => ({ name: `${at}.dcm`, base64: image("Good^Patient", at + 1).toString("base64") }));
    await dropNamed(page, files);
    await finished(page);
    await press(page, "Save into a folder");
    await saved(page, `Folder: not saved. ${message}`);
    const sizes = await page.evaluate(async () => {
      const found = /** @type {number[]} */ ([]);
      const walk = async (/** @type {any} */ folder) => {
        for await (const handle of folder.values()) await (handle.kind === "file" ? handle.getFile().then((/** @type {File} */ file) => found.push(file.size)) : walk(handle));
      };
      const root = await navigator.storage.getDirectory();
      await walk(await root.getDirectoryHandle("failing"));
      await root.removeEntry("failing", { recursive: true });
      return found;
    });
    assert.equal(sizes.length, 2, "what was written before is there, what failed is not");
    assert.ok(sizes.every((size) => size > 500));
  });
}
