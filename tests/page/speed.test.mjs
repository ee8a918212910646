// What the page costs: bytes until it is ready, time until it is ready, and a file larger than memory should hold.

import assert from "./support/assert.mjs";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { kind, launch } from "./support/browser.mjs";
import { one } from "./support/corpus.mjs";
import { family } from "./support/processes.mjs";
import { BASE, serveSite } from "./support/servers.mjs";
import { choose, finished, open, SITE, stage } from "./support/setup.mjs";

/** @import { Browser } from "puppeteer-core" */

const it = stage();
const scratch = mkdtempSync(join(tmpdir(), "lethe-large-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Most bytes moved until the page is ready, gzipped. */
const MOST_BYTES = 300_000;
const LARGE = 500_000_000;
/** A page of nothing: what the browser and the machine take by themselves. */
const EMPTY = '<!doctype html><title>empty</title><script type="module">performance.mark("lethe-ready")</script>';

test("few bytes are moved until the page is ready, and it is ready soon", async (t) => {
  const empty = await serveSite(SITE, { change: (path, text) => (path === "index.html" ? EMPTY : text) });
  t.after(() => empty.close());
  /** @type {number[]} */
  const times = [];
  /** @type {number[]} */
  const others = [];
  for (let n = 0; n < 5; n++) {
    others.push(await readyAfter(it.browser, empty));
    times.push(await readyAfter(it.browser, it.site));
  }
  const bytes = await bytesUntilReady();
  // A new browser's first page takes longer, by times that vary with the machine: they are told, not held.
  const first = [await firstReadyAfter(empty), await firstReadyAfter(it.site)];
  t.diagnostic(`ready after ${times.map(Math.round).join(", ")} ms, an empty page after ${others.map(Math.round).join(", ")} ms; ${bytes} bytes (gzip)`);
  t.diagnostic(`the first page of a new browser: ready after ${Math.round(first[1])} ms, an empty one after ${Math.round(first[0])} ms`);
  assert.ok(bytes > 100_000 && bytes <= MOST_BYTES, `${bytes} bytes`);
  // A machine that tests is busy with other things: the best of five is held against the limit.
  const limit = kind === "chromium" ? 300 : 1000;
  assert.ok(Math.min(...times) < limit, `${Math.min(...times)} ms`);
});

/** The weight of all that a page had asked for when it was ready. */
async function bytesUntilReady() {
  const context = await it.browser.createBrowserContext();
  const { page } = await open({ browser: /** @type {any} */ (context), site: it.site });
  const asked = await page.evaluate(() => {
    const ready = performance.getEntriesByName("lethe-ready")[0].startTime;
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return entries.filter(({ startTime }) => startTime < ready).map(({ name }) => new URL(name).pathname);
  });
  await context.close();
  const weights = [...new Set(asked)].map((path) => it.site.seen.weights.get(path.slice(BASE.length) || "index.html") ?? 0);
  return weights.reduce((sum, weight) => sum + weight, 0);
}

/**
 * When a page is ready in a context that has seen nothing.
 * @param {Browser} browser @param {Awaited<ReturnType<typeof serveSite>>} site
 */
async function readyAfter(browser, site) {
  const context = await browser.createBrowserContext();
  const { page } = await open({ browser: /** @type {any} */ (context), site });
  const time = await readyTime(page);
  await context.close();
  return time;
}

/** @param {Awaited<ReturnType<typeof serveSite>>} site */
async function firstReadyAfter(site) {
  const { browser, close } = await launch();
  const { page } = await open({ browser, site });
  const time = await readyTime(page);
  await close();
  return time;
}

/** @param {import("puppeteer-core").Page} page */
const readyTime = (page) => page.evaluate(() => performance.getEntriesByName("lethe-ready")[0].startTime);

test("the page is seven files", async () => {
  const page = await it.browser.newPage();
  /** @type {string[]} */
  const asked = [];
  const base = it.site.origin + BASE;
  page.on("request", (request) => request.url().startsWith(base) && asked.push(request.url().slice(base.length)));
  await page.goto(base, { waitUntil: "networkidle0" });
  const modules = readdirSync(join(SITE, "page"));
  assert.match(modules.sort().join(" "), /^data-inline-[0-9A-Z]{8}\.js deflate-inline-[0-9A-Z]{8}\.js main\.js settings-module-[0-9A-Z]{8}\.js$/);
  assert.deepEqual(asked.filter((path) => path !== "icon.svg").sort(), ["", ...modules.map((name) => `page/${name}`), "style.css"]);
  assert.deepEqual(readdirSync(SITE).sort(), ["LICENSES.txt", "icon.svg", "index.html", "page", "style.css"]);
});

/** A file of 500 MB that takes no room: a header, and Pixel Data that was never written. */
function largeFile() {
  const header = readFileSync(one("CT_small.dcm"));
  const tag = header.indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x57, 0, 0]));
  assert.notEqual(tag, -1);
  const path = join(scratch, "large.dcm");
  const head = header.subarray(0, tag + 12);
  head.writeUInt32LE(LARGE, tag + 8);
  writeFileSync(path, head);
  truncateSync(path, head.length + LARGE);
  const file = openSync(path, "r+");
  writeSync(file, "the last pixels", head.length + LARGE - 16);
  closeSync(file);
  return path;
}

test("a file of 500 MB is done without its pixels being read", async (t) => {
  const path = largeFile();
  const { page, noise } = await open(it);
  await choose(page, "#files", one("MR_small.dcm")); // workers have started
  await finished(page);
  const before = usage();
  await page.evaluate(() => performance.mark("chosen"));
  await choose(page, "#files", path);
  await page.waitForFunction(() => document.querySelector("#progress .figures")?.textContent?.startsWith("2 files, "));
  const took = await page.evaluate(() => performance.now() - performance.getEntriesByName("chosen")[0].startTime);
  const used = usage();
  assert.match(await finished(page), /2 clean, 0 refused/);
  const [read, grown] = [used.read - before.read, used.memory - before.memory];
  t.diagnostic(`500 MB: ${Math.round(took)} ms, ${(read / 1e6).toFixed(1)} MB read, memory ${(grown / 1e6).toFixed(1)} MB more`);
  assert.ok(took < 5000, `${took} ms`);
  if (process.platform === "linux") {
    assert.ok(read < LARGE / 5, `${read} bytes were read`);
    assert.ok(grown < LARGE / 5, `memory grew by ${grown} bytes`);
  }
  assert.deepEqual(noise, []);
});

/** Bytes read, and memory held, by all processes of the browser. */
function usage() {
  const total = { read: 0, memory: 0 };
  if (process.platform !== "linux") return total;
  for (const pid of family(/** @type {number} */ (it.browser.process()?.pid))) {
    try {
      total.read += Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
      total.memory += 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    } catch {
      // It has ended in the meantime.
    }
  }
  return total;
}
