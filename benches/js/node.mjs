// Figures of the npm package in Node, as one line of JSON: `node.mjs WHAT PACKAGE FOLDER [WORKLOAD …]`
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { fakePackage } from "../../tests/js/support/fake-package.mjs";
import { describe, held, heldAll, median, SETTINGS, start, varied } from "./engine.mjs";
import { rewriteAll } from "./lanes.mjs";

const ROUNDS = 5;
/** Rounds of a pipe: those of what takes long, and of the rest. */
const [FEW, MANY] = [3, 11];
/** Rounds that do not count: in its first thousands of files V8 compiles what is used often, on the cores that others need. */
const WARM_UP = { [FEW]: 1, [MANY]: 12 };
const SELF = fileURLToPath(import.meta.url);

/** @type {Record<string, (npm: string, folder: string, workloads: string[]) => Promise<object>>} */
const figures = {
  /** The package and the identity pipe in turns, in one process: the ratios of their times. */
  async pipes(npm, folder, workloads) {
    const { open } = await import(join(npm, "node.js"));
    const both = [await open(SETTINGS), await (await fakePackage("identity", "benches/js/identity.js")).open(SETTINGS)];
    const found = {};
    for (const name of workloads) {
      const times = [[], []];
      const rounds = name === "W2" || name === "W5" ? FEW : MANY;
      for (let round = 0; round < WARM_UP[rounds] + rounds; round++) {
        for (const which of round % 2 ? [0, 1] : [1, 0]) times[which].push(await timed(both[which], folder, name));
      }
      Object.assign(found, ratios(`node.${name}`, times.map((all) => all.slice(WARM_UP[rounds]))));
    }
    await Promise.all(both.map((one) => one.close()));
    return found;
  },

  /** One large file: memory of the process and of the engine, and when it is known what the output is. */
  async memory(npm, folder, [name]) {
    const { open } = await import(join(npm, "node.js"));
    const path = join(folder, name, "0.dcm");
    const deidentifier = await open({ ...SETTINGS, workers: 1 });
    const first = readdirSync(join(folder, "W1")).sort()[0];
    const out = fresh(folder);
    await deidentifier.deidentifyFile(join(folder, "W1", first), join(out, "first.dcm"));
    const before = resetPeak();
    await deidentifier.deidentifyFile(path, join(out, "large.dcm"));
    const grown = status("VmHWM") - before;
    await deidentifier.close();
    rmSync(out, { recursive: true });
    const { engine, size } = await start(npm);
    describe(engine, held(join(folder, "W1", first)));
    const took = await firstResult(npm, engine, path);
    return { [`node.${name}.memory`]: grown, [`node.${name}.first`]: took, [`wasm.${name}.memory`]: size() };
  },

  /** A start in a new process; `rehearsed` as a worker is before its first file, unless that is there already. */
  async once(npm, folder, [rehearsed]) {
    const first = held(join(folder, "W1", readdirSync(join(folder, "W1")).sort()[0]));
    const [{ tasks }, { rehearse }] = await Promise.all(["worker.js", "rehearse.js"].map((name) => import(join(npm, name))));
    const { engine, times } = await start(npm);
    if (rehearsed) await rehearse((file) => tasks.deidentify(engine, { file }, new AbortController().signal));
    const begun = performance.now();
    describe(engine, first);
    return { ...times, first: performance.now() - begun };
  },

  async cold(npm, folder) {
    const runs = (/** @type {string[]} */ ...more) =>
      Array.from({ length: 7 }, () => JSON.parse(execFileSync(process.execPath, [SELF, "once", npm, folder, ...more], { encoding: "utf8" })));
    const cold = runs();
    const of = (/** @type {string} */ key) => median(cold.map((run) => run[key]));
    const rehearsed = median(runs("rehearsed").map(({ first }) => first));
    return { "node.cold.ready": of("ready"), "node.cold.settings": of("settings"), "node.cold.first": of("first"), "node.cold.rehearsed": rehearsed };
  },

  /** The engine over headers in memory: under each preset, and what of it the search for identifiers takes. */
  async engine(npm, folder) {
    const settings = { default: {}, profile: { preset: "ps3.15" }, unverified: { verify: false } };
    const { engineOf } = await start(npm);
    const engines = Object.entries(settings).map(([name, general]) => ({ name, engine: engineOf(general), passes: /** @type {number[]} */ ([]) }));
    const { W3 } = JSON.parse(readFileSync(join(folder, "workloads.json"), "utf8"));
    /** Milliseconds for all files, by settings. In turns: what slows one down slows all of them. */
    const each = (/** @type {ReturnType<typeof heldAll>} */ files) => {
      for (let round = 0; round < ROUNDS + 2; round++) {
        for (const { engine, passes } of engines) passes[round] = pass(engine, files);
      }
      return Object.fromEntries(engines.map(({ name, passes }) => [name, median(passes.slice(2))]));
    };
    const files = heldAll(join(folder, "W3"));
    const [elements, differing, slices] = [each(files), each(files.map(varied)), each(heldAll(join(folder, "W1")))];
    const perElement = (/** @type {number} */ time) => (time * 1e6) / W3.elements;
    const perSlice = (/** @type {number} */ time) => (time * 1e3) / readdirSync(join(folder, "W1")).length;
    return {
      "wasm.element": perElement(elements.default),
      "wasm.element.profile": perElement(elements.profile),
      "wasm.element.varied": perElement(differing.default),
      "wasm.element.verify": 100 * (1 - elements.unverified / elements.default),
      "wasm.slice": perSlice(slices.default),
      "wasm.slice.profile": perSlice(slices.profile),
    };
  },

  /** Two threads that take the next file in turns, against one with all. */
  async workers(npm, folder) {
    const times = [[], []];
    for (let round = 0; round < 3; round++) {
      for (const threads of [1, 2]) times[threads - 1].push(await together(npm, folder, threads));
    }
    return { "node.two-workers": median(times[0]) / median(times[1]) };
  },
};

/** Processor time and time of a whole workload. */
async function timed(deidentifier, folder, name) {
  const keeps = name === "W5";
  const out = fresh(keeps ? join(folder, "kept") : folder);
  const names = readdirSync(join(folder, name));
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await rewriteAll(deidentifier, join(folder, name), out, names);
  const { user, system } = process.cpuUsage(cpu);
  const time = { wall: performance.now() - wall, cpu: (user + system) / 1e3 };
  if (readdirSync(out).length !== names.length) throw new Error(`${name}: outputs are missing`);
  if (!keeps) rmSync(out, { recursive: true });
  return time;
}

/** Of each round, and of these the median: what slows a machine down for some rounds slows both. */
function ratios(name, [ours, identity]) {
  const ratio = (/** @type {"wall" | "cpu"} */ kind) => median(ours.map((time, round) => time[kind] / identity[round][kind]));
  return { [`${name}.wall`]: ratio("wall"), [`${name}.cpu`]: ratio("cpu"), [`${name}.ms`]: median(ours.map(({ wall }) => wall)) };
}

/** As the package does it, until the engine has described the output. */
async function firstResult(npm, engine, path) {
  const { drive } = await import(join(npm, "drive.js"));
  const buffer = new Uint8Array(4 << 20);
  const begun = performance.now();
  const file = await openFile(path, "r");
  const { size } = await file.stat();
  const session = engine.session(size);
  await drive(session, size, async (at, length) => buffer.subarray(0, (await file.read(buffer, 0, length, at)).bytesRead), () => {});
  session.finish();
  const took = performance.now() - begun;
  await file.close();
  return took;
}

function pass(engine, files) {
  const begun = performance.now();
  for (const file of files) describe(engine, file);
  return performance.now() - begun;
}

/** Milliseconds that so many threads take for the files of W3, each for the next of them as a pool's workers are. */
async function together(npm, folder, threads) {
  const next = new Int32Array(new SharedArrayBuffer(4));
  const workers = Array.from({ length: threads }, () => new Worker(SELF, { workerData: { npm, folder, next } }));
  const answers = () => Promise.all(workers.map((worker) => new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject))));
  await answers();
  const begun = performance.now();
  const done = answers();
  for (const worker of workers) worker.postMessage("go");
  await done;
  const took = performance.now() - begun;
  await Promise.all(workers.map((worker) => worker.terminate()));
  return took;
}

async function share({ npm, folder, next }) {
  const { engine } = await start(npm);
  const files = heldAll(join(folder, "W3"));
  // Until V8 has compiled what is used often: it does that on cores that the second thread would need.
  for (let round = 0; round < ROUNDS; round++) pass(engine, files);
  parentPort?.once("message", () => {
    for (let at = Atomics.add(next, 0, 1); at < ROUNDS * files.length; at = Atomics.add(next, 0, 1)) describe(engine, files[at % files.length]);
    parentPort?.postMessage("done");
  });
  parentPort?.postMessage("ready");
}

/** A folder for outputs, each time of another name: `xtask` says why. @param {string} folder */
function fresh(folder) {
  mkdirSync(folder, { recursive: true });
  return mkdtempSync(join(folder, "out-"));
}

/** Makes the process's peak its present size, in bytes. */
function resetPeak() {
  writeFileSync("/proc/self/clear_refs", "5");
  return status("VmRSS");
}

const status = (/** @type {string} */ field) => 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync("/proc/self/status", "utf8"))?.[1]);

if (isMainThread) {
  const [what, npm, folder, ...workloads] = process.argv.slice(2);
  console.log(JSON.stringify(await figures[what](npm, folder, workloads)));
} else {
  await share(workerData);
}
