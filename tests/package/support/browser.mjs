import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import puppeteer from "puppeteer-core";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

/** Chromium: what `CHROME` names, or one that is installed. */
export async function launch() {
  const places = [process.env.CHROME, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
  const executablePath = places.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium is installed; name one with CHROME");
  return puppeteer.launch({ executablePath, args: ["--no-sandbox"] });
}

/**
 * Serves a folder on 127.0.0.1.
 * @param {string} folder
 */
export async function serve(folder) {
  const server = createServer((request, response) => {
    const path = join(folder, normalize(new URL(request.url ?? "/", "http://x").pathname));
    const file = existsSync(path) && statSync(path).isDirectory() ? join(path, "index.html") : path;
    if (path.endsWith("favicon.ico")) return response.writeHead(204).end(); // browsers ask for it unasked
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[/** @type {keyof typeof TYPES} */ (extname(file))] ?? "application/octet-stream" }).end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/**
 * Opens the app in a folder, gives it the files, and returns what it says. What a page prints is a failure: the library
 * never logs, and a CSP that is violated shows here.
 * @param {import("puppeteer-core").Browser} browser
 * @param {string} folder
 * @param {string[]} files
 * @param {{ key: string, now: string }} settings
 */
export async function drive(browser, folder, files, settings) {
  const server = await serve(folder);
  const page = await browser.newPage();
  /** @type {string[]} */
  const printed = [];
  page.on("console", (message) => printed.push(message.text()));
  page.on("pageerror", (error) => printed.push(String(error)));
  try {
    await page.goto(server.url);
    await page.waitForFunction("globalThis.deidentify", { timeout: 20_000 }).catch(() => {
      throw new Error(`the app did not start: ${printed.join("; ")}`);
    });
    const input = /** @type {import("puppeteer-core").ElementHandle<HTMLInputElement>} */ (await page.$("input"));
    await input.uploadFile(...files);
    const result = await page.evaluate((element, given) => /** @type {any} */ (globalThis).deidentify(element, given), input, settings);
    return { ...result, printed };
  } finally {
    await page.close();
    server.close();
  }
}
