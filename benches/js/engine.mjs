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

/** Image Position, Contour Data, Numeric Value; Dimension Index Values, In-Stack Position and Frame Acquisition Number. */
const [TEXTS, BINARY] = [["20003200", "06305000", "40000aa3"], ["20005791", "20005790", "20005691"]];

/**
 * The same file with other numbers in each frame, contour and measurement: the files of W3 repeat a few Items, which real ones do
 * not. Lengths stay.
 * @template {{ bytes: Buffer, header: number }} F
 * @param {F} file
 * @returns {F}
 */
export function varied({ bytes, header }) {
  const made = Buffer.from(bytes);
  let chance = 1;
  const below = (/** @type {number} */ limit) => (chance = (Math.imul(chance, 1103515245) + 12345) >>> 0) % limit;
  for (const tag of [...TEXTS, ...BINARY]) {
    for (let at = made.indexOf(tag, "hex"); at >= 0 && at + 8 < header; at = made.indexOf(tag, at + 8, "hex")) {
      // A tag can be a value, too; in Implicit VR what stands behind that is no length.
      const explicit = /DS|UL|US/.test(made.toString("latin1", at + 4, at + 6));
      const length = explicit ? made.readUInt16LE(at + 6) : made.readUInt32LE(at + 4);
      if (length > 4096) continue;
      const value = made.subarray(at + 8, at + 8 + length);
      for (const [place, byte] of value.entries()) {
        if (BINARY.includes(tag)) value[place] = place % 2 ? byte : below(256);
        else if (byte >= 48 && byte < 58) value[place] = 48 + below(10);
      }
    }
  }
  return { bytes: made, header };
}

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
