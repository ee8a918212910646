// Stands in for the bindings where a test needs an engine that traps, hangs or waits: a file's text says what happens.
// It is given to the real worker and pool (support/fake-package.mjs). What the engine does is tested with the real one.

export const initSync = () => {};
export const handOver = () => {};
const texts = (plan) => JSON.parse(new TextDecoder().decode(plan));

/** How often what inflates was provided. */
let provided = 0;
export const provide = () => void provided++;

export class Engine {
  #deflate;

  constructor({ plan, deflate }) {
    this.#deflate = deflate;
    if (texts(plan).includes("no start") && !("testThread" in globalThis)) throw new TypeError("not in a worker");
  }

  async deidentify(file) {
    const text = await file.text();
    const [what, rest] = text.split(":");
    if (what === "refuse") throw { code: "truncated", message: "a length runs past the end", offset: 12, leftOut: false };
    if (what === "trap") throw new WebAssembly.RuntimeError("unreachable");
    if (what === "late trap") return trapLater();
    if (what === "deflated") await this.#deflate();
    if (what === "hang") for (;;);
    if (what === "wait") await new Promise((resolve) => setTimeout(resolve, Number(rest)));
    if (what === "provided") return { blob: new Blob([String(provided)]), report: { name: "", outputBytes: 1 } };
    return { blob: new Blob([file.slice(0, 1), file.slice(1)]), report: { name: `${text}.dcm`, outputBytes: file.size } };
  }

  inspect = async (file) => [{ path: await file.text() }];
}

/** As wasm does: the trap ends the future, and nothing settles its promise. */
function trapLater() {
  setTimeout(() => {
    throw new WebAssembly.RuntimeError("unreachable");
  });
  return new Promise(() => {});
}

export const randomKey = () => new Uint8Array(32).fill(7);
export const version = () => ({ engine: "fake", edition: "none" });
