import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

/** @import { Browser, Page } from "puppeteer-core" */

/** Which browser this run is about. */
export const kind = process.env.BROWSER === "firefox" ? "firefox" : "chromium";

const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** @param {string[]} names */
function onPath(...names) {
  const found = names.map((name) => spawnSync("which", [name], { encoding: "utf8" }).stdout.trim()).find(Boolean);
  if (!found) throw new Error(`no ${names[0]} on the PATH; name it in the environment`);
  return found;
}

/** A folder that goes when the browser is closed, for its profile and its downloads. */
function scratch() {
  const folder = mkdtempSync(join(tmpdir(), "lethe-page-"));
  mkdirSync(join(folder, "profile"));
  mkdirSync(join(folder, "downloads"));
  return folder;
}

/**
 * Starts the browser. What it downloads is in `downloads`.
 * @returns {Promise<{ browser: Browser, downloads: string, close: () => Promise<void> }>}
 */
export async function launch() {
  const folder = scratch();
  const downloads = join(folder, "downloads");
  const browser = kind === "firefox" ? await firefox(folder, downloads) : await chromium(folder, downloads);
  const close = async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { browser, downloads, close };
}

/** @param {string} folder @param {string} downloads */
async function chromium(folder, downloads) {
  const executablePath = process.env.CHROME || onPath("chromium", "google-chrome", "chrome");
  const browser = await puppeteer.launch({ executablePath, headless: true, args: QUIET, userDataDir: join(folder, "profile"), protocolTimeout: 600_000 });
  const session = await browser.target().createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
  return browser;
}

/** @param {string} folder @param {string} downloads */
function firefox(folder, downloads) {
  const executablePath = process.env.FIREFOX || onPath("firefox-esr", "firefox");
  const extraPrefsFirefox = {
    "browser.download.folderList": 2,
    "browser.download.dir": downloads,
    "browser.download.useDownloadDir": true,
    "browser.download.always_ask_before_handling_new_types": false,
    "browser.helperApps.neverAsk.saveToDisk": "application/zip,application/x-tar,application/octet-stream,application/dicom,application/json",
    "browser.download.alwaysOpenPanel": false,
  };
  return puppeteer.launch({ browser: "firefox", executablePath, headless: true, userDataDir: join(folder, "profile"), extraPrefsFirefox, protocolTimeout: 600_000 });
}

/**
 * Waits for a download to be there whole, and gives its path.
 * @param {string} downloads
 * @param {(name: string) => boolean} wanted
 */
export async function downloaded(downloads, wanted) {
  let size = -1;
  for (let tries = 0; tries < 600; tries++) {
    const name = readdirSync(downloads).find((one) => !/\.(crdownload|part|tmp)$/.test(one) && wanted(one));
    const unfinished = readdirSync(downloads).some((one) => /\.(crdownload|part)$/.test(one));
    if (name && !unfinished) {
      const path = join(downloads, name);
      const now = statSync(path).size;
      if (now > 0 && now === size) return path;
      size = now;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the download did not come");
}
