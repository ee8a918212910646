// The engine without the package around it: files in memory, and nothing else in what is timed.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** What every run is made with. */
export const SETTINGS = { config: /** @type {string[]} */ ([]), key: new Uint8Array(32), now: "20260102030405000" };

/** The bytes of the engine and its data files. @param {string} npm the folder of the package */
export async function bytesOf(npm) {
  const { data } = await import(join(npm, "data-inline.js"));
  const texts = JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString());
  return { wasm: readFileSync(join(npm, "engine_bg.wasm")), texts };
}

/** Compiles it; `times` are milliseconds until the module is ready, and from there until the settings are. @param {string} npm */
export async function start(npm) {
  const { wasm, texts } = await bytesOf(npm);
  const { Engine, handOver, initSync } = await import(join(npm, "engine.js"));
  const begun = performance.now();
  const { memory } = initSync({ module: await WebAssembly.compile(wasm) });
  const ready = performance.now();
  for (const [name, text] of Object.entries(texts)) handOver(name, text);
  const engine = new Engine(SETTINGS);
  const times = { ready: ready - begun, settings: performance.now() - ready };
  /** Another engine. @param {object} general the section of that name of its settings */
  const engineOf = (general) => new Engine({ ...SETTINGS, config: [JSON.stringify({ general })] });
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
