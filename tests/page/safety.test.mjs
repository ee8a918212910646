// Nothing goes out, nothing stays, and nothing that comes in is taken for markup.

import assert from "./support/assert.mjs";
import { after, before, test } from "node:test";
import { makeFolder, MARKUP, one, walk } from "./support/corpus.mjs";
import { serveElsewhere, serveSite } from "./support/servers.mjs";
import { choose, fill, finished, open, press, rows, SITE, stage } from "./support/setup.mjs";

const it = stage();
const elsewhere = /** @type {Awaited<ReturnType<typeof serveElsewhere>>} */ ({});
before(async () => Object.assign(elsewhere, await serveElsewhere()));
after(() => elsewhere.close());

/** Every way out that is tried, from the page and from its workers. */
const FROM_PAGE = ["fetch", "xhr", "websocket", "beacon", "import.js", "image.svg", "style.css"].map((way) => `/page/${way}`);
const FROM_WORKER = ["fetch", "xhr", "websocket", "import.js"].map((way) => `/worker/${way}`);

/** Tries what works in pages and workers alike. Runs there, as text. @param {string} base */
async function tryOut(base) {
  const quiet = (/** @type {() => unknown} */ attempt) => Promise.resolve().then(attempt).catch(() => {});
  await quiet(() => fetch(`${base}/fetch`));
  await quiet(() => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.onloadend = resolve;
    request.open("GET", `${base}/xhr`);
    request.send();
  }));
  await quiet(() => new Promise((resolve) => (new WebSocket(`${base.replace("http", "ws")}/websocket`).onerror = resolve)));
  await quiet(() => import(`${base}/import.js`));
}

/** Tries what only a page can do. Runs there. @param {string} base */
async function tryOutOfPage(base) {
  const settled = (/** @type {HTMLElement} */ element) => new Promise((resolve) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", resolve);
    setTimeout(resolve, 2000);
  });
  navigator.sendBeacon(`${base}/beacon`, "patient");
  const image = new Image();
  const loaded = settled(image);
  image.src = `${base}/image.svg`;
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${base}/style.css` });
  const styled = settled(style);
  document.head.append(style);
  await Promise.all([loaded, styled]);
}

/**
 * Opens the page with workers that first try to get out, has a file worked on, and tries from the page too.
 * @param {{ origin: string }} site
 */
async function attempt(site) {
  const before = elsewhere.seen.asked.length;
  const text = `await (${tryOut})(${JSON.stringify(`${elsewhere.origin}/worker`)});`;
  const prepare = (/** @type {import("puppeteer-core").Page} */ page) => page.evaluateOnNewDocument((text) => {
    // The page's own workers carry the attempts: they are what inherits, or does not, the page's policy.
    const real = URL.createObjectURL;
    URL.createObjectURL = (blob) => real(/** @type {Blob} */ (blob).type === "text/javascript" ? new Blob([`(async () => {${text}})();\n`, /** @type {Blob} */ (blob)], { type: "text/javascript" }) : blob);
  }, text);
  const { page } = await open({ browser: it.browser, site }, { prepare });
  await choose(page, "#files", one("CT_small.dcm"));
  assert.match(await finished(page), /1 clean/);
  await page.evaluate(`(${tryOut})(${JSON.stringify(`${elsewhere.origin}/page`)})`);
  await page.evaluate(tryOutOfPage, `${elsewhere.origin}/page`);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await page.close();
  return [...new Set(elsewhere.seen.asked.slice(before))].sort();
}

test("nothing gets out of the page or its workers", async () => {
  assert.deepEqual(await attempt(it.site), []);
});

test("without the page's policy the same attempts are counted", async () => {
  const change = (/** @type {string} */ path, /** @type {string} */ text) => (path === "index.html" ? text.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "") : text);
  const open = await serveSite(SITE, { change });
  assert.deepEqual(await attempt(open), [...FROM_PAGE, ...FROM_WORKER].sort());
  await open.close();
});

test("after it is ready the page asks its own site for nothing either", async () => {
  const { page, noise } = await open(it);
  await page.waitForFunction(() => document.getElementById("loaded")?.textContent?.startsWith("Loaded: "));
  const before = it.site.seen.paths.length;
  const folder = makeFolder();
  await choose(page, "#files", ...walk(folder.folder));
  await finished(page);
  folder.remove();
  assert.deepEqual(it.site.seen.paths.slice(before).filter((path) => path !== "icon.svg"), []);
  assert.match(await page.$eval("#loaded", ({ textContent }) => textContent ?? ""), /^Loaded: \d+ files \([\d.]+ kB\), all from this site. Since then: no request, nothing was sent.$/);
  assert.deepEqual(noise, []);
});

test("names and settings that look like markup are shown as text", async () => {
  const { page, noise } = await open(it);
  const folder = makeFolder();
  await choose(page, "#files", ...walk(folder.folder).filter((path) => !path.includes("series")));
  await finished(page);
  folder.remove();
  assert.ok((await rows(page)).some(({ source }) => source === MARKUP));
  await fill(page, "#rules-text", '{ "general": { "<b onclick=x>remove</b>": "true" }, "<img src=x onerror=alert(1)>": {} }');
  await fill(page, "#project", "<img src=x onerror=alert(1)>");
  await page.waitForSelector("#rules-warnings button");
  const made = await page.evaluate(() => document.querySelectorAll("main b, main img, main script, main [onclick], main [onerror]").length);
  assert.equal(made, 0);
  assert.match(await page.title(), /^Lethe/);
  assert.deepEqual(noise, []);
});

test("nothing is kept: no storage, no cookie, no change of address or title", async () => {
  const { page } = await open(it);
  const [url, title] = [page.url(), await page.title()];
  await fill(page, "#rules-text", '{ "general": { "(0010,0020)": "set(X)" } }');
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  await press(page, "Changes", "#table");
  await page.waitForSelector("#changes .changes");
  const kept = await page.evaluate(async () => {
    const folder = /** @type {any} */ (await navigator.storage.getDirectory());
    const files = [];
    for await (const name of folder.keys()) files.push(name);
    return { local: localStorage.length, session: sessionStorage.length, cookie: document.cookie, databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length, files, workers: (await navigator.serviceWorker.getRegistrations()).length, history: history.length };
  });
  assert.deepEqual(kept, { local: 0, session: 0, cookie: "", databases: 0, caches: 0, files: [], workers: 0, history: kept.history });
  assert.deepEqual([page.url(), await page.title()], [url, title]);
});

test("a value of the file is gone from the page when its panel is closed", async () => {
  const { page } = await open(it);
  await choose(page, "#files", one("CT_small.dcm"));
  await finished(page);
  await press(page, "Changes", "#table");
  await page.waitForSelector("#changes .changes");
  const holds = () => page.evaluate(() => document.documentElement.textContent?.includes("CompressedSamples"));
  assert.equal(await holds(), true);
  await press(page, "Close", "#changes");
  assert.equal(await holds(), false);
});
