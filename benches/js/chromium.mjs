// Figures of the npm package in Chromium, as one line of JSON: `chromium.mjs PACKAGE FOLDER [WORKLOAD …]`
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fakePackage } from "../../tests/js/support/fake-package.mjs";
import { launch } from "../../tests/page/support/browser.mjs";
import { family } from "../../tests/page/support/processes.mjs";
import { BASE, serveSite } from "../../tests/page/support/servers.mjs";
import { median, start } from "./engine.mjs";

/** Rounds of what takes long, of the rest, and of what takes milliseconds. */
const [FEW, MANY, MOST] = [5, 11, 20];
/** Rounds that do not count: in its first hundreds of files V8 compiles what is used often, on the cores that others need. */
const WARM_UP = { 1: 0, [FEW]: 1, [MANY]: 4, [MOST]: 1 };
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Clock ticks of `/proc`, in milliseconds. */
const TICK = 10;

const [npm, folder, ...workloads] = process.argv.slice(2);
const site = await serveSite(await assemble(join(folder, "page")));
const { browser, close } = await launch();
const found = { "chromium.version": await browser.version() };
try {
  Object.assign(found, await cold());
  for (const name of workloads) {
    Object.assign(found, name === "W2" || name === "W6" ? await large(name) : {}, name === "W6" ? {} : await pipes(name));
  }
} finally {
  await close();
  await site.close();
}
console.log(JSON.stringify(found));

/** The page, the package twice (one is started anew by each cold start), and the identity pipe. */
async function assemble(to) {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  cpSync(join(ROOT, "benches/page"), to, { recursive: true });
  for (const name of ["lethe", "cold"]) cpSync(npm, join(to, name), { recursive: true });
  await fakePackage("identity", "benches/js/identity.js");
  cpSync(join(ROOT, "target/fake-npm/identity"), join(to, "identity"), { recursive: true });
  return to;
}

/** A page with files chosen. @param {string[]} paths */
async function pageWith(paths) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error));
  page.setDefaultTimeout(0);
  await page.goto(site.origin + BASE);
  await page.waitForFunction(() => performance.getEntriesByName("bench-ready").length > 0);
  await (await page.$("#files")).uploadFile(...paths);
  return page;
}

/** Whatever the page's `bench` is asked. */
function ask(page, what, ...rest) {
  return page.evaluate((what, rest) => globalThis.bench[what](...rest), what, rest);
}

/** The package and the identity pipe in turns: outputs as Blobs, and outputs that are read. */
async function pipes(name) {
  const paths = filesOf(name);
  const page = await pageWith(paths);
  await ask(page, "open", "lethe", {});
  // Compressed images are read for what no decoder needs: the pipe reads the same ranges.
  await ask(page, "open", "identity", name === "W4" ? { config: await reads(paths) } : {});
  const figures = {};
  for (const [suffix, doesRead] of [["", false], [".read", true]]) {
    if (doesRead && name === "W5") continue;
    const times = { lethe: [], identity: [] };
    const counted = rounds(name, doesRead);
    for (let round = 0; round < WARM_UP[counted] + counted; round++) {
      for (const which of round % 2 ? ["lethe", "identity"] : ["identity", "lethe"]) times[which].push(await measured(page, which, doesRead));
    }
    const [lethe, identity] = [times.lethe, times.identity].map((all) => all.slice(WARM_UP[counted]));
    const of = (kind) => median(lethe.map((time) => time[kind]));
    // Of each round, and of these the median: what slows a machine down for some rounds slows both.
    for (const kind of ["wall", "cpu"]) figures[`chromium.${name}${suffix}.${kind}`] = median(lethe.map((time, round) => time[kind] / identity[round][kind]));
    figures[`chromium.${name}${suffix}.ms`] = of("wall");
    figures[`chromium.${name}${suffix}.cpu-ms`] = of("cpu");
  }
  if (name === "W1") {
    const saved = [await ask(page, "saving"), await ask(page, "saving"), await ask(page, "saving")];
    const of = (kind) => median(saved.map((times) => times[kind]));
    Object.assign(figures, { "saving.zip": of("zip") / of("plain"), "saving.tar": of("tar") / of("plain"), "saving.tar.made": of("unread") });
  }
  await page.close();
  return figures;
}

/** One file that is not read takes milliseconds, which many rounds make up for; twenty thousand take half a minute. @param {string} name @param {boolean} doesRead */
function rounds(name, doesRead) {
  if (name === "W2") return doesRead ? FEW : MOST;
  return name === "W5" ? 1 : MANY;
}

async function measured(page, which, reads) {
  const before = processor();
  const { wall } = await ask(page, "run", which, reads);
  return { wall, cpu: processor() - before };
}

/** One large file: time until its output is described, memory of all processes of the browser, bytes read. */
async function large(name) {
  const page = await pageWith([filesOf("W1")[0]]);
  await ask(page, "open", "lethe", { workers: 1 });
  for (let times = 0; times < 3; times++) await ask(page, "first", "lethe");
  await (await page.$("#files")).uploadFile(...filesOf(name));
  const before = usage(true);
  const { wall } = await ask(page, "first", "lethe");
  const after = usage(false);
  await page.close();
  const other = await pageWith([filesOf("W1")[0], ...filesOf(name)]);
  const { memory } = await ask(other, "cold", false);
  await other.close();
  return {
    [`chromium.${name}.first`]: wall,
    [`chromium.${name}.memory`]: after.peak - before.memory,
    [`chromium.${name}.read`]: after.read - before.read,
    [`chromium.${name}.wasm`]: memory,
  };
}

async function cold() {
  const [runs, rehearsed] = [await starts(false), await starts(true)];
  const of = (kind) => median(runs.map((run) => run[kind]));
  const ready = median(rehearsed.map(({ first }) => first));
  return { "chromium.cold.ready": of("ready"), "chromium.cold.settings": of("settings"), "chromium.cold.first": of("first"), "chromium.cold.rehearsed": ready };
}

/** Each in a new page. @param {boolean} rehearsed as a worker is before its first file, unless that is there already */
async function starts(rehearsed) {
  const runs = [];
  for (let times = 0; times < 7; times++) {
    const page = await pageWith([filesOf("W1")[0]]);
    runs.push(await ask(page, "cold", rehearsed));
    await page.close();
  }
  return runs;
}

/** What is read of each file, by its size: files of the same size here have the same structure. @param {string[]} paths */
async function reads(paths) {
  const { engine } = await start(npm);
  const { drive } = await import(join(npm, "drive.js"));
  const found = {};
  for (const path of paths) {
    const bytes = readFileSync(path);
    const ranges = (found[bytes.length] = []);
    const session = engine.session(bytes.length);
    const read = async (at, length) => bytes.subarray(at, ranges.push([at, at + length]) && at + length);
    await drive(session, bytes.length, read, () => {});
    session.free();
  }
  return found;
}

/** @param {string} name */
function filesOf(name) {
  return readdirSync(join(folder, name)).sort().map((file) => join(folder, name, file));
}

/** Milliseconds of processor time of the browser's processes. */
function processor() {
  return sum((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])) * TICK;
  });
}

/** Memory now and at its peak, and bytes read, of the browser's processes. @param {boolean} resets makes now the peak */
function usage(resets) {
  if (resets) sum((pid) => (writeFileSync(`/proc/${pid}/clear_refs`, "5"), 0));
  const status = (pid, field) => 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  return {
    memory: sum((pid) => status(pid, "VmRSS")),
    peak: sum((pid) => status(pid, "VmHWM")),
    read: sum((pid) => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1])),
  };
}

/** @param {(pid: number) => number} of */
function sum(of) {
  let total = 0;
  for (const pid of family(browser.process().pid)) {
    try {
      total += of(pid);
    } catch {
      // It has ended in the meantime.
    }
  }
  return total;
}
