// The engine without the package around it: files in memory, and nothing else in what is timed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** What every run is made with. */
export const SETTINGS = { key: new Uint8Array(32), now: "20260102030405000" };

/** The bytes of the engine, of what reads settings and of what inflates, and the data files. @param {string} npm the folder of the package */
export async function bytesOf(npm) {
  const { data } = await import(join(npm, "data-inline.js"));
  const texts = JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString());
  const [wasm, settings, deflate] = ["engine", "settings", "deflate"].map((name) => readFileSync(join(npm, `${name}_bg.wasm`)));
  return { wasm, settings, deflate, texts };
}

/** Compiles it; `times` are milliseconds until the module is ready, and from there until the settings are. @param {string} npm */
export async function start(npm) {
  const { wasm, settings, deflate, texts } = await bytesOf(npm);
  const { Engine, handOver, initSync, provide } = await import(join(npm, "engine.js"));
  const [compiler, streams] = await Promise.all(["settings.js", "deflate.js"].map((name) => import(join(npm, name))));
  const begun = performance.now();
  const { memory } = initSync({ module: await WebAssembly.compile(wasm) });
  const ready = performance.now();
  compiler.initSync({ module: await WebAssembly.compile(settings) });
  for (const [name, text] of Object.entries(texts)) for (const take of [handOver, compiler.handOver]) take(name, text);
  const engineWith = (/** @type {string[]} */ config) => new Engine({ ...SETTINGS, plan: new compiler.Compiled({ config }).plan() });
  const engine = engineWith([]);
  const times = { ready: ready - begun, settings: performance.now() - ready };
  // Few files are deflated: it is part of no start.
  streams.initSync({ module: await WebAssembly.compile(deflate) });
  provide(streams.Stream);
  /** Another engine. @param {object} general the section of that name of its settings */
  const engineOf = (general) => engineWith([JSON.stringify({ general })]);
  return { engine, engineOf, times, size: () => memory.buffer.byteLength };
}

/**
 * A file in memory, and where its header ends: behind the header of its Pixel Data.
 * @param {string} path
 */
export function held(path) {
  const bytes = readFileSync(path);
  const pixels = bytes.lastIndexOf(Buffer.from("e07f1000", "hex"));
  return { bytes, header: pixels < 0 ? bytes.length : pixels + 12 };
}

/** The files of a workload, in memory. @param {string} folder */
export const heldAll = (folder) => readdirSync(folder).sort().map((name) => held(join(folder, name)));

/**
 * What the engine would write. It is fed its header at once, and what it wants behind that.
 * @param {any} engine
 * @param {{ bytes: Uint8Array, header: number }} file
 */
export function describe(engine, { bytes, header }) {
  const session = engine.session(bytes.length);
  for (let [at, end] = session.want(); at !== undefined; [at, end] = session.want()) {
    session.feed(at, bytes.subarray(at, Math.max(end, header)));
    session.take();
  }
  const [parts, told] = session.finish();
  session.free();
  return { parts, ...JSON.parse(told) };
}

/** @param {number[]} values */
export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
