// Workers of a browser that trap and hang, under the site's CSP: with `tests/js/fake/engine.js`, because the real engine
// does neither.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { fakePackage } from "../js/support/fake-package.mjs";
import { page } from "./support/app.mjs";
import { launch, serve } from "./support/browser.mjs";

const source = `
import { open } from "./index.js";

/** What happened to files with these texts, by text. */
globalThis.deidentify = async (texts, settings) => {
  const deidentifier = await open(settings);
  const found = {};
  const items = texts.map((text) => ({ name: text, file: new File([text], text) }));
  for await (const outcome of deidentifier.deidentifyAll(items)) found[outcome.source] = outcome.ok ? await outcome.blob.text() : outcome.error.code;
  await deidentifier.close();
  return found;
};

/** The name of the error when an abort meets a file that hangs. */
globalThis.abort = async () => {
  const stop = new AbortController();
  const deidentifier = await open({ workers: 1, signal: stop.signal });
  setTimeout(() => stop.abort(), 50);
  return deidentifier.deidentify(new File(["hang"], "")).catch((error) => error.name);
};
`;

const folder = mkdtempSync(join(tmpdir(), "lethe-workers-"));
/** @type {import("puppeteer-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serve>>} */
let server;

before(async () => {
  await fakePackage("browser");
  const resolveDir = fileURLToPath(new URL("../../target/fake-npm/browser/", import.meta.url));
  await build({ stdin: { contents: source, resolveDir }, bundle: true, format: "esm", outfile: join(folder, "main.js"), logLevel: "error" });
  writeFileSync(join(folder, "index.html"), page("main.js"));
  server = await serve(folder);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Calls a function of the page, which prints nothing meanwhile.
 * @param {string} name
 * @param {unknown[]} given
 */
async function call(name, ...given) {
  const tab = await browser.newPage();
  /** @type {string[]} */
  const printed = [];
  tab.on("console", (message) => printed.push(message.text()));
  tab.on("pageerror", (error) => printed.push(String(error)));
  await tab.goto(server.url);
  await tab.waitForFunction("globalThis.deidentify");
  const result = await tab.evaluate((called, values) => /** @type {any} */ (globalThis)[called](...values), name, given);
  await tab.close();
  assert.deepEqual(printed, []);
  return result;
}

test("files that trap, hang or are refused are refused alone, and the console stays empty", async () => {
  const good = Array.from({ length: 30 }, (_, i) => `file ${i}`);
  const texts = [...good.slice(0, 10), "trap", ...good.slice(10, 15), "late trap", ...good.slice(15, 20), "hang", "refuse", ...good.slice(20)];
  const found = await call("deidentify", texts, { workers: 2, patience: 1 });
  const fine = Object.fromEntries(good.map((text) => [text, text]));
  assert.deepEqual(found, { ...fine, trap: "internal", "late trap": "internal", hang: "internal", refuse: "truncated" });
});

test("abort ends a worker that hangs", async () => {
  assert.equal(await call("abort"), "AbortError");
});
