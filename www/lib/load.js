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
  const zipped = Uint8Array.from(atob(wasm), (char) => char.charCodeAt(0));
  const plain = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const module = await WebAssembly.compile(await new Response(plain).arrayBuffer());
  initSync({ module });
  return module;
}
