// Stands in for the bindings where a test needs an engine that traps, hangs or waits: a file's text says what happens.
// It is given to the real worker and pool (support/fake-package.mjs). What the engine does is tested with the real one.

export const initSync = () => {};
export const handOver = () => {};
const texts = (plan) => JSON.parse(new TextDecoder().decode(plan));

/** How often what inflates was provided. */
let provided = 0;
export const provide = () => void provided++;

export class Engine {
  constructor({ plan }) {
    if (texts(plan).includes("no start") && !("testThread" in globalThis)) throw new TypeError("not in a worker");
  }

  session = () => new Session();
  inspection = () => new Session();
}

class Session {
  #text = "";
  /** What is waited for before there is an output. @type {Promise<unknown> | undefined} */
  #wait;
  #deflated = false;
  #done = false;

  want = () => (this.#done ? [] : [0, 1]);
  deflates = () => this.#deflated;
  take = () => new Uint8Array();

  feed(_, bytes) {
    this.#text = new TextDecoder().decode(bytes);
    const [what, rest] = this.#text.split(":");
    this.#done = this.#deflated || what !== "deflated";
    this.#deflated = what === "deflated";
    if (what === "refuse") throw { code: "truncated", message: "a length runs past the end", offset: 12, leftOut: false };
    if (what === "trap") throw new WebAssembly.RuntimeError("unreachable");
    if (what === "late trap") this.#wait = trapLater();
    if (what === "hang") for (;;);
    if (what === "wait") this.#wait = new Promise((resolve) => setTimeout(resolve, Number(rest)));
  }

  changes = () => [{ path: this.#text }];
  free() {}

  /** A promise where something is waited for, which files by path cannot be. */
  finish() {
    if (this.#text === "provided") return [[new TextEncoder().encode(String(provided))], JSON.stringify({ report: { name: "", outputBytes: 1 }, links: [] })];
    const told = JSON.stringify({ report: { name: `${this.#text}.dcm`, outputBytes: this.#text.length }, links: [] });
    const done = [[new TextEncoder().encode(this.#text.slice(0, 1)), [1, this.#text.length]], told];
    return this.#wait?.then(() => done) ?? done;
  }
}

/** Where nobody awaits it: no promise is rejected, and the file is never done. */
function trapLater() {
  setTimeout(() => {
    throw new WebAssembly.RuntimeError("unreachable");
  });
  return new Promise(() => {});
}

export const blobOf = (file, parts) => new Blob(parts.map((part) => (Array.isArray(part) ? file.slice(...part) : part)));
export const randomKey = () => new Uint8Array(32).fill(7);
export const version = () => ({ engine: "fake", edition: "none" });
