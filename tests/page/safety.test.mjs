// Nothing goes out, nothing stays, and nothing that comes in is taken for markup.

import assert from "./support/assert.mjs";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { image } from "../js/support/images.mjs";
import { downloaded, kind } from "./support/browser.mjs";
import { makeFolder, one, walk } from "./support/corpus.mjs";
import { serveElsewhere, serveSite } from "./support/servers.mjs";
import { choose, dropCopies, dropNamed, fill, finished, open, press, ROOT, rows, SITE, stage } from "./support/setup.mjs";

const it = stage();
const elsewhere = /** @type {Awaited<ReturnType<typeof serveElsewhere>>} */ ({});
before(async () => Object.assign(elsewhere, await serveElsewhere()));
after(() => elsewhere.close());

/** What works in pages and workers alike. */
const ANYWHERE = ["fetch", "xhr", "websocket", "eventsource", "import.js"];
/** What only a page can do. */
const ONLY_PAGE = ["beacon", "image.svg", "css-image.svg", "style.css", "prefetch.js", "preload.js", "modulepreload.js", "font.woff", "audio.wav", "frame", "form", "script.js"];
/** Every way out that is tried, from the page, from its workers, and from workers of these. */
const FROM_PAGE = [...ANYWHERE, ...ONLY_PAGE].map((way) => `/page/${way}`);
const FROM_WORKER = [...ANYWHERE.map((way) => `/worker/${way}`), "/nested/fetch"];

/** Tries what works in pages and workers alike. Runs there, as text. @param {string} base */
async function tryOut(base) {
  const quiet = (/** @type {() => unknown} */ attempt) => Promise.resolve().then(attempt).catch(() => {});
  const settled = (/** @type {any} */ target) => new Promise((resolve) => (target.onerror = target.onmessage = target.onopen = resolve));
  await quiet(() => fetch(`${base}/fetch`));
  await quiet(() => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.onloadend = resolve;
    request.open("GET", `${base}/xhr`);
    request.send();
  }));
  await quiet(() => settled(new WebSocket(`${base.replace("http", "ws")}/websocket`)));
  await quiet(() => {
    const events = new EventSource(`${base}/eventsource`);
    return settled(events).then(() => events.close());
  });
  await quiet(() => import(`${base}/import.js`));
}

/** Tries to get out from a worker that a worker starts. Runs there, as text. @param {string} url */
async function tryNested(url) {
  const text = `fetch(${JSON.stringify(url)}).then(() => {}, () => {}).then(() => postMessage(0))`;
  await new Promise((resolve) => {
    try {
      const inner = new Worker(URL.createObjectURL(new Blob([text])));
      inner.onmessage = inner.onerror = resolve;
    } catch {
      resolve(undefined);
    }
  });
}

/** Tries what only a page can do. Runs there. @param {string} base */
async function tryOutOfPage(base) {
  const waits = /** @type {Promise<unknown>[]} */ ([]);
  /** Adds an element and waits for it. @param {string} name @param {object} properties */
  const add = (name, properties) => {
    const element = /** @type {HTMLElement} */ (document.createElement(name));
    waits.push(new Promise((resolve) => {
      element.addEventListener("load", resolve);
      element.addEventListener("error", resolve);
      setTimeout(resolve, 2000);
    }));
    // Some attempts do not get as far as the network: Trusted Types stop them.
    try {
      Object.assign(element, properties);
    } catch {}
    document.body.append(element);
    return element;
  };
  navigator.sendBeacon(`${base}/beacon`, "patient");
  add("img", { src: `${base}/image.svg` });
  add("script", { src: `${base}/script.js` });
  add("link", { rel: "stylesheet", href: `${base}/style.css` });
  add("link", { rel: "preconnect", href: base });
  add("link", { rel: "prefetch", href: `${base}/prefetch.js` });
  add("link", { rel: "preload", as: "script", href: `${base}/preload.js` });
  add("link", { rel: "modulepreload", href: `${base}/modulepreload.js` });
  add("audio", { src: `${base}/audio.wav`, preload: "auto" });
  add("iframe", { src: `${base}/frame` });
  add("p", { textContent: "x" }).style.backgroundImage = `url(${base}/css-image.svg)`;
  waits.push(new FontFace("x", `url(${base}/font.woff)`).load().catch(() => {}));
  add("iframe", { name: "sink" });
  const form = /** @type {HTMLFormElement} */ (add("form", { action: `${base}/form`, method: "post", target: "sink" }));
  try {
    form.submit();
  } catch {}
  await Promise.all(waits);
}

/** How long after the last attempt everything was seen where nothing stops it: browsers prefetch when they have nothing else to do. */
let latest = 0;

/** Attempts so far: each asks for other addresses, so that nothing comes out of a browser's memory. */
let attempts = 0;

/**
 * Opens the page with workers that first try to get out, has a file worked on, and tries from the page too. Returns what got out,
 * as soon as that is as much as `expected`.
 * @param {{ origin: string }} site
 * @param {{ expected: number, wait: number }} until
 */
async function attempt(site, { expected, wait }) {
  const before = elsewhere.seen.asked.length;
  const base = `${elsewhere.origin}/${++attempts}`;
  const text = `await (${tryOut})(${JSON.stringify(`${base}/worker`)}); await (${tryNested})(${JSON.stringify(`${base}/nested/fetch`)});`;
  const prepare = (/** @type {import("puppeteer-core").Page} */ page) => page.evaluateOnNewDocument((text) => {
    // The page's own workers carry the attempts: they are what inherits, or does not, the page's policy.
    const real = URL.createObjectURL;
    URL.createObjectURL = (blob) => real(/** @type {Blob} */ (blob).type === "text/javascript" ? new Blob([`(async () => {${text}})();\n`, /** @type {Blob} */ (blob)], { type: "text/javascript" }) : blob);
  }, text);
  const { page } = await open({ browser: it.browser, site }, { prepare });
  await choose(page, "#files", one("CT_small.dcm"));
  assert.match(await finished(page), /1 clean/);
  await page.evaluate(`(${tryOut})(${JSON.stringify(`${base}/page`)})`);
  await page.evaluate(tryOutOfPage, `${base}/page`);
  const seen = () => [...new Set(elsewhere.seen.asked.slice(before).map((path) => path.replace(`/${attempts}/`, "/")))].sort();
  const begun = performance.now();
  while (seen().length < expected && performance.now() - begun < wait) await new Promise((resolve) => setTimeout(resolve, 50));
  latest = performance.now() - begun;
  await page.close();
  return seen();
}

test("without the page's policy every attempt to get out is counted", async (t) => {
  const change = (/** @type {string} */ path, /** @type {string} */ text) => (path === "index.html" ? text.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "") : text);
  const open = await serveSite(SITE, { change });
  t.after(() => open.close());
  const all = [...FROM_PAGE, ...FROM_WORKER].sort();
  assert.deepEqual(await attempt(open, { expected: all.length, wait: 30_000 }), all);
});

test("nothing gets out of the page or its workers", async () => {
  const before = elsewhere.seen.connections;
  assert.deepEqual(await attempt(it.site, { expected: Infinity, wait: 1000 + 2 * latest }), []);
  // Chromium connects for a `preconnect` link whatever the policy says, and asks for nothing.
  assert.ok(elsewhere.seen.connections - before <= (kind === "chromium" ? 1 : 0), "not even a connection");
});

test("only the page's own policy makes scripts of texts, and markup of none", async () => {
  const { page } = await open(it);
  await choose(page, "#files", one("CT_small.dcm"));
  assert.match(await finished(page), /1 clean/, "workers from blob: URLs and wasm go on working");
  const stopped = await page.evaluate(async () => {
    // What a test evaluates may use eval; what happens later may not.
    await new Promise((resolve) => setTimeout(resolve));
    const types = /** @type {any} */ (window).trustedTypes;
    const attempts = {
      markup: () => (document.body.innerHTML = "<b>x</b>"),
      document: () => document.write("<b>x</b>"),
      script: () => (document.createElement("script").text = "1"),
      worker: () => new Worker("data:text/javascript,1"),
      eval: () => eval("1"),
      policy: () => types.createPolicy("other", { createHTML: (/** @type {string} */ text) => text }),
      again: () => types.createPolicy("lethe", { createScriptURL: (/** @type {string} */ text) => text }),
      default: () => types.createPolicy("default", { createHTML: (/** @type {string} */ text) => text }),
    };
    return Object.entries(attempts).filter(([, attempt]) => {
      try {
        attempt();
        return false;
      } catch {
        return true;
      }
    }).map(([name]) => name);
  });
  assert.deepEqual(stopped, ["markup", "document", "script", "worker", "eval", "policy", "again", "default"]);
});

/** What the page says of its own requests. @param {import("puppeteer-core").Page} page */
const loadedLine = (page) => page.$eval("#loaded", ({ textContent }) => textContent ?? "");

test("after it is ready the page asks its own site for nothing either, and says so", async () => {
  const seen = { paths: it.site.seen.paths.length, bytes: it.site.seen.bytes };
  const { page, noise } = await open(it);
  await page.waitForFunction(() => document.getElementById("loaded")?.textContent?.startsWith("Loaded: "));
  const before = it.site.seen.paths.length;
  const loaded = new Set(it.site.seen.paths.slice(seen.paths));
  const kilobytes = (it.site.seen.bytes - seen.bytes) / 1000;
  const folder = makeFolder();
  await choose(page, "#files", ...walk(folder.folder));
  await finished(page);
  folder.remove();
  assert.deepEqual(it.site.seen.paths.slice(before).filter((path) => path !== "icon.svg"), []);
  const [, files, size] = /^Loaded: (\d+) files \(([\d.]+) kB\), all from this site. Since then: no request, nothing was sent.$/.exec(await loadedLine(page)) ?? [];
  assert.equal(Number(files), loaded.size, "as many as the server was asked for");
  assert.ok(Math.abs(Number(size) - kilobytes) < 3, `${size} kB, and the server sent ${kilobytes}`);
  assert.deepEqual(noise, []);
});

test("what the page says of its requests is what the browser counts", async (t) => {
  const { page } = await open(it);
  await page.waitForFunction(() => document.getElementById("loaded")?.textContent?.startsWith("Loaded: "));
  await page.evaluate((url) => fetch(url).catch(() => {}), `${elsewhere.origin}/stopped`);
  await page.waitForFunction(() => document.getElementById("loaded")?.textContent?.includes("The browser stopped 1 attempt"));
  const change = (/** @type {string} */ path, /** @type {string} */ text) => (path === "index.html" ? text.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, `<link rel="stylesheet" href="${elsewhere.origin}/foreign.css">`) : text);
  const without = await serveSite(SITE, { change });
  t.after(() => without.close());
  const other = (await open({ browser: it.browser, site: without })).page;
  await other.waitForFunction(() => document.getElementById("loaded")?.textContent?.includes("1 from elsewhere"));
  await other.evaluate((url) => fetch(url).then(() => {}), `${elsewhere.origin}/gone`);
  await other.waitForFunction(() => document.getElementById("loaded")?.textContent?.includes("Since then: 1 request."));
});

test("the page names the engine by the hash of its bytes", async () => {
  const { page } = await open(it);
  await page.waitForFunction(() => document.querySelector("#sums code"));
  const said = await page.$eval("#sums", ({ textContent }) => textContent ?? "");
  const loaded = readdirSync(join(SITE, "page"));
  const later = (/** @type {string} */ start) => loaded.find((file) => file.startsWith(start));
  const modules = [["engine", "wasm-inline.js", "main.js"], ["settings", "settings-inline.js", later("settings-module-")], ["deflate", "deflate-inline.js", later("deflate-inline-")]];
  for (const [name, inline, file] of modules) {
    const wasm = readFileSync(join(ROOT, `target/npm/${name}_bg.wasm`));
    const hash = createHash("sha256").update(wasm).digest("hex");
    assert.ok(said.includes(`${name}_bg.wasm: ${hash}`), said);
    // What is unpacked and compiled in the page is the same.
    const packed = /wasm = "([^"]+)"/.exec(readFileSync(join(ROOT, "target/npm", inline ?? ""), "utf8"))?.[1] ?? "";
    assert.ok(gunzipSync(Buffer.from(packed, "base64")).equals(wasm));
    assert.ok(readFileSync(join(SITE, "page", file ?? ""), "utf8").includes(packed));
  }
});

/** Texts that would do harm, or hide what follows, if they were taken for markup. */
const PAYLOADS = [
  "<img src=x onerror=harm()>", "<script>harm()</script>", "<svg onload=harm()>", "<b onclick=harm()>bold</b>", "<iframe srcdoc='<script>parent.harm()</script>'>",
  "<a href=javascript:harm()>link</a>", "\"><img src=x onerror=harm()>", "'><svg/onload=harm()>", "--><script>harm()</script>", "</textarea><script>harm()</script>",
  "</title><script>harm()</script>", "<style>*{display:none}</style>", "<base href=//elsewhere.example>", "<meta http-equiv=refresh content=0>", "<form action=//elsewhere.example><button>Go</button>",
  "<math><mi xlink:href=javascript:harm()>x", "<details open ontoggle=harm()>", "<template><script>harm()</script></template>", "&lt;img src=x onerror=harm()&gt;", "{{constructor.constructor('harm()')()}}",
  "${harm()}", "javascript:harm()", "%3Cscript%3Eharm()%3C/script%3E", "😀<b>smile</b>", "line\nfeed<i>x</i>", "\u202Egnp.mcd\u202C<u>x</u>", "\u0000nul", "\uFEFFmark\u200B",
];

test("names, values and settings that look like markup are shown as text", async () => {
  assert.ok(PAYLOADS.length >= 20);
  const { page, noise } = await open(it);
  const elements = () => page.evaluate(() => document.querySelectorAll("body :is(b, i, u, a, img, script, svg, style, iframe, base, meta, math, template, form form, [onclick], [onerror], [onload], [ontoggle])").length);
  const before = await elements();
  await dropNamed(page, PAYLOADS.map((payload, at) => ({ name: payload, base64: image(payload, at).toString("base64") })));
  assert.match(await finished(page), new RegExp(`: ${PAYLOADS.length} clean`));
  const names = (await rows(page)).map(({ source }) => source);
  assert.deepEqual(names.sort(), [...PAYLOADS].sort());
  await press(page, "Previous", "#table .pager");
  const shown = /** @type {Set<string>} */ (new Set());
  for (const button of await page.$$('#table ::-p-xpath(.//button[.="Changes"])')) {
    await button.click();
    await page.waitForSelector("#changes[open] .changes");
    const values = await page.$$eval("#changes tbody tr", (rows) => rows.filter(({ firstChild }) => firstChild?.textContent === "(0010,0010)").map(({ children }) => children[4].textContent ?? ""));
    values.forEach((value) => shown.add(value));
    assert.equal(await elements(), before);
    await press(page, "Close", "#changes");
  }
  const written = PAYLOADS.filter((payload) => /^[\x20-\x5b\x5d-\x7e]*$/.test(payload));
  assert.ok(written.filter((payload) => shown.has(payload)).length >= 20, `${[...shown].join("\n")}`);
  for (const payload of PAYLOADS.slice(0, 8)) {
    await page.$eval("#rules-text", (box, text) => {
      /** @type {HTMLTextAreaElement} */ (box).value = text;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }, JSON.stringify({ general: { [payload]: "true" }, [payload]: {} }));
    await page.waitForFunction((text) => document.getElementById("rules-warnings")?.textContent?.includes(text.slice(0, 12)), {}, payload);
    assert.equal(await elements(), before, payload);
  }
  await fill(page, "#project", PAYLOADS[0]);
  assert.equal(await elements(), before);
  assert.match(await page.title(), /^Lethe/);
  assert.equal(await page.evaluate(() => "harm" in window), false);
  assert.deepEqual(noise, []);
});

/** Everything a page can leave behind, as text. Runs there. */
async function leftBehind() {
  const folder = /** @type {any} */ (await navigator.storage.getDirectory());
  const files = [];
  for await (const name of folder.keys()) files.push(name);
  const databases = await indexedDB.databases();
  const workers = await navigator.serviceWorker.getRegistrations();
  const kept = { local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie, databases, caches: await caches.keys(), files, workers: workers.length, state: history.state, name: window.name };
  return { kept: JSON.stringify(kept), history: history.length, url: location.href, title: document.title };
}
const NOTHING = JSON.stringify({ local: {}, session: {}, cookie: "", databases: [], caches: [], files: [], workers: 0, state: null, name: "" });

test("nothing is kept: no storage, no cookie, no change of address, history or title, no word on the console", async () => {
  const { page, noise } = await open(it);
  const before = await page.evaluate(leftBehind);
  await fill(page, "#rules-text", '{ "general": { "(0008,1030)": "set(PLANTED-SETTING)" } }');
  await fill(page, "#project", "PLANTED-PROJECT");
  await fill(page, "#key", "5eed".repeat(16));
  const planted = ["PLANTED^NAME", "PLANTED-FILE.dcm", "PLANTED-REFUSED.dcm"];
  const base64 = image(planted[0], 1).toString("base64");
  await dropNamed(page, [{ name: planted[1], base64 }, { name: planted[2], base64: base64.slice(0, 240) }]);
  assert.match(await finished(page), /: 1 clean, 1 refused/);
  await press(page, "Changes", "#table");
  await page.waitForSelector("#changes .changes");
  assert.ok(await page.evaluate((name) => document.documentElement.textContent?.includes(name), planted[0]), "it was there to be kept");
  const after = await page.evaluate(leftBehind);
  assert.equal(after.kept, NOTHING);
  assert.deepEqual(after, before);
  assert.deepEqual(noise, []);
  await press(page, "Close", "#changes");
  await press(page, "Save the report");
  const report = readFileSync(await downloaded(it.downloads, (name) => name === "lethe-report.json"), "utf8");
  assert.ok(!report.includes("PLANTED") && JSON.parse(report).files.length === 2);
});

test("a reload in the middle of the work leaves nothing, and begins anew", async () => {
  const { page } = await open(it);
  await fill(page, "#rules-text", '{ "general": { "(0010,0020)": "set(PLANTED-SETTING)" } }');
  await fill(page, "#key", "5eed".repeat(16));
  await dropCopies(page, one("CT_small.dcm"), 2000);
  await page.waitForFunction(() => document.querySelector("#progress .figures")?.textContent?.includes("files"));
  await page.reload();
  await page.waitForFunction(() => performance.getEntriesByName("lethe-ready").length > 0);
  const fields = await page.$$eval("#rules-text, #key, #project", (fields) => fields.map((field) => /** @type {HTMLInputElement} */ (field).value));
  assert.deepEqual(fields, ["", "", ""]);
  assert.equal((await page.evaluate(leftBehind)).kept, NOTHING);
  assert.equal(await page.$("#progress .figures"), null);
  await choose(page, "#files", one("CT_small.dcm"));
  assert.match(await finished(page), /^1 file, .*: 1 clean/);
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
