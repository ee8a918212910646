import { handOver, initSync } from "./engine.js";
import { asError } from "./errors.js";
import { wasm } from "./wasm-inline.js";

/** @typedef {Record<string, string>} Data data files: names to texts */

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;
/** @type {Promise<Data> | undefined} */
let data;

/**
 * The compiled engine on this thread, for what needs no settings. Compiled once: the bindings are one instance per
 * thread whatever we do, so a second compilation would be lost.
 */
export function load() {
  compiled ??= compile();
  return compiled;
}

/** The engine and its data files, ready on this thread and to be posted to workers. */
export async function loadAll() {
  // Both at once; the page asks for the data when it is ready, so that nothing of it is waited for before.
  data ??= read();
  const [module, files] = await Promise.all([load(), data]);
  try {
    for (const [name, text] of Object.entries(files)) handOver(name, text);
  } catch (thrown) {
    throw asError(thrown);
  }
  return { module, data: files };
}

async function compile() {
  // Compiled while it is unpacked.
  const module = await WebAssembly.compileStreaming(new Response(unpack(wasm), { headers: { "content-type": "application/wasm" } }));
  initSync({ module });
  return module;
}

/** @returns {Promise<Data>} */
async function read() {
  // A module of its own, so that nobody waits for it before the page is there. webpack would load it in a way that Trusted Types forbid.
  const { data } = await import(/* webpackMode: "eager" */ "./data-inline.js");
  return new Response(unpack(data)).json();
}

/** @param {string} base64 of gzip */
function unpack(base64) {
  const text = atob(base64);
  const zipped = new Uint8Array(text.length);
  // A loop: `Uint8Array.from` with a function takes ten times as long, which is seen when a page starts.
  for (let at = 0; at < text.length; at++) zipped[at] = text.charCodeAt(at);
  return new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
}
