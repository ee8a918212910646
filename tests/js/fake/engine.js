// Stands in for the bindings where a test needs an engine that traps, hangs or waits: a file's text says what happens.
// It is given to the real worker and pool (support/fake-package.mjs). What the engine does is tested with the real one.

export const initSync = () => {};
export const handOver = () => {};

export class Engine {
  constructor({ config }) {
    if (config.includes("bad")) throw { code: "settings", message: "not json", line: 1, column: 2, index: 0 };
    if (config.includes("no start") && !("testThread" in globalThis)) throw new TypeError("not in a worker");
  }

  async deidentify(file) {
    const text = await file.text();
    const [what, rest] = text.split(":");
    if (what === "refuse") throw { code: "truncated", message: "a length runs past the end", offset: 12, leftOut: false };
    if (what === "trap") throw new WebAssembly.RuntimeError("unreachable");
    if (what === "late trap") return trapLater();
    if (what === "hang") for (;;);
    if (what === "wait") await new Promise((resolve) => setTimeout(resolve, Number(rest)));
    return { blob: new Blob([file.slice(0, 1), file.slice(1)]), report: { name: `${text}.dcm`, outputBytes: file.size } };
  }

  inspect = async (file) => [{ path: await file.text() }];
  explain = () => [{ address: "(0010,0010)" }];
  warnings = () => [];
}

/** As wasm does: the trap ends the future, and nothing settles its promise. */
function trapLater() {
  setTimeout(() => {
    throw new WebAssembly.RuntimeError("unreachable");
  });
  return new Promise(() => {});
}

export const check = () => ({ warnings: [], projects: [], rows: 0 });
export const randomKey = () => new Uint8Array(32).fill(7);
export const version = () => ({ engine: "fake", edition: "none" });
