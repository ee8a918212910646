import { initSync } from "./engine.js";
import { asError } from "./errors.js";
import { wasm } from "./wasm-inline.js";

/**
 * @typedef {Record<string, string>} Data data files: names to texts
 * @typedef {typeof import("./settings-module.js")} Compiler
 */

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;
/** @type {Promise<Data> | undefined} */
let data;
/** @type {Promise<Compiler> | undefined} */
let compiler;
/** @type {Promise<WebAssembly.Module> | undefined} */
let deflate;

/**
 * The compiled engine on this thread, for what needs no settings. Compiled once: the bindings are one instance per
 * thread whatever we do, so a second compilation would be lost.
 */
export function load() {
  compiled ??= compile();
  return compiled;
}

/** The engine and its data files, to be posted to workers, and the compiler of settings, ready on this thread. */
export async function loadAll() {
  // All at once; the page asks for them when it is ready, so that nothing of it is waited for before.
  data ??= read();
  compiler ??= startCompiler(data);
  const [module, files, ready] = await Promise.all([load(), data, compiler, deflateText().catch(() => {})]);
  return { module, data: files, compiler: ready };
}

/**
 * What inflates and deflates, to be posted to workers. Its text comes with the rest, as a page asks for nothing once it has
 * loaded; it is compiled when the first deflated file turns up.
 */
export function loadDeflate() {
  deflate ??= deflateText().then(({ wasm }) => compileText(wasm));
  deflate.catch(() => (deflate = undefined));
  return deflate;
}

const deflateText = () => import(/* webpackMode: "eager" */ "./deflate-inline.js");

async function compile() {
  const module = await compileText(wasm);
  initSync({ module });
  return module;
}

/** @param {Promise<Data>} data @returns {Promise<Compiler>} */
async function startCompiler(data) {
  // webpack would load what comes later in a way that Trusted Types forbid.
  const compiler = await import(/* webpackMode: "eager" */ "./settings-module.js");
  compiler.initSync({ module: await compileText(compiler.wasm) });
  try {
    for (const [name, text] of Object.entries(await data)) compiler.handOver(name, text);
  } catch (thrown) {
    throw asError(thrown);
  }
  return compiler;
}

/** @returns {Promise<Data>} */
async function read() {
  const { data } = await import(/* webpackMode: "eager" */ "./data-inline.js");
  return new Response(unpack(data)).json();
}

/** Compiled while it is unpacked. @param {string} wasm base64 of gzip */
function compileText(wasm) {
  return WebAssembly.compileStreaming(new Response(unpack(wasm), { headers: { "content-type": "application/wasm" } }));
}

/** @param {string} base64 of gzip */
function unpack(base64) {
  const text = atob(base64);
  const zipped = new Uint8Array(text.length);
  // A loop: `Uint8Array.from` with a function takes ten times as long, which is seen when a page starts.
  for (let at = 0; at < text.length; at++) zipped[at] = text.charCodeAt(at);
  return new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
}
