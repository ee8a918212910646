// What reads settings and compiles them: bindings and .wasm, one module to be loaded once settings are there to be read.

export { check, checkKey, Compiled, handOver, initSync } from "./settings.js";
export { wasm } from "./settings-inline.js";
