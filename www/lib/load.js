import { initSync } from "./engine.js";
import { wasm } from "./wasm-inline.js";

/** @type {Promise<WebAssembly.Module> | undefined} */
let compiled;

/**
 * The compiled engine, ready for use on this thread, and to be posted to workers. Compiled once: the bindings are one
 * instance per thread whatever we do, so a second compilation would be lost.
 */
export function load() {
  compiled ??= compile();
  return compiled;
}

async function compile() {
  const text = atob(wasm);
  const zipped = new Uint8Array(text.length);
  // A loop: `Uint8Array.from` with a function takes ten times as long, which is seen when a page starts.
  for (let at = 0; at < text.length; at++) zipped[at] = text.charCodeAt(at);
  const plain = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  // Compiled while it is unpacked.
  const module = await WebAssembly.compileStreaming(new Response(plain, { headers: { "content-type": "application/wasm" } }));
  initSync({ module });
  return module;
}
