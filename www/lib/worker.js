import { Engine, handOver, initSync, provide } from "./engine.js";
import * as deflate from "./deflate.js";

/**
 * @typedef {() => Promise<void>} Supply gets the engine what deflated files need
 * @typedef {(engine: Engine, task: any, signal: AbortSignal, supply: Supply) => unknown} Task
 * @typedef {{ postMessage(message: unknown): void, addEventListener(type: string, listener: (event: any) => void): void }} Port
 */

/** What a worker can be asked to do. @type {Record<string, Task>} */
const tasks = {
  hello: () => true,
  deidentify: (engine, { file }) => engine.deidentify(file),
  inspect: (engine, { file }) => engine.inspect(file),
};

/**
 * Serves a pool through `port`: `{ start }` once, then `{ id, task }` and `{ cancel: id }`; answers `{ ready }`, then `{ id, value }`,
 * `{ id, error }` for a refused file, `{ alive }` while there is work, and `{ crashed }` when the engine trapped: its
 * memory cannot be trusted after that, so the pool ends this worker. With the first deflated file it asks with `{ needs }` for
 * the module that inflates, and gets `{ supply }`. This module's text runs from a blob: URL (BUILD.md).
 * @param {Port} port
 * @param {Record<string, Task>} [more]
 */
export function serve(port, more = {}) {
  const known = { ...tasks, ...more };
  /** @type {Map<number, AbortController>} */
  const underWay = new Map();
  /** @type {Engine} */
  let engine;
  const { supply, take } = supplies(port);

  /** @param {{ module: WebAssembly.Module, data: Record<string, string>, settings: any, beat: number }} how */
  function start({ module, data, settings, beat }) {
    initSync({ module });
    for (const [name, text] of Object.entries(data)) handOver(name, text);
    engine = new Engine({ ...settings, deflate: supply });
    setInterval(() => underWay.size > 0 && port.postMessage({ alive: true }), beat);
    port.postMessage({ ready: true });
  }

  /** @param {number} id @param {{ what: string }} task */
  async function work(id, task) {
    const stop = new AbortController();
    underWay.set(id, stop);
    try {
      port.postMessage({ id, value: await known[task.what](engine, task, stop.signal, supply) });
    } catch (thrown) {
      port.postMessage(isRefusal(thrown) ? { id, error: thrown } : { crashed: true });
    } finally {
      underWay.delete(id);
    }
  }

  port.addEventListener("message", ({ data }) => {
    if (data.start) start(data.start);
    else if (data.cancel) underWay.get(data.cancel)?.abort();
    else if ("supply" in data) take(data.supply);
    else work(data.id, data.task);
  });
  // A trap inside a future surfaces here, not as the rejection of the file's promise.
  for (const type of ["error", "unhandledrejection"]) {
    globalThis.addEventListener?.(type, (event) => {
      event.preventDefault();
      port.postMessage({ crashed: true });
    });
  }
}

/**
 * Asks for the module that inflates, once for all files that wait for it; where it does not come, these are refused, and
 * the next one asks again.
 * @param {Port} port
 */
function supplies(port) {
  /** @type {Promise<void> | undefined} */
  let asked;
  /** @type {(module: WebAssembly.Module | null) => void} */
  let take = () => {};

  async function ask() {
    const come = new Promise((/** @type {typeof take} */ resolve) => (take = resolve));
    port.postMessage({ needs: "deflate" });
    const module = await come;
    if (!module) throw { code: "internal", message: "what deflated files need could not be loaded; reload", leftOut: false };
    deflate.initSync({ module });
    provide(deflate.Stream);
  }

  function supply() {
    asked ??= ask();
    asked.catch(() => (asked = undefined));
    return asked;
  }

  return {
    supply,
    take: (/** @type {WebAssembly.Module | null} */ module) => take(module),
  };
}

/**
 * The engine refuses with plain objects; everything else (RuntimeError, TypeError) is a failure of the engine.
 * @param {any} thrown
 */
function isRefusal(thrown) {
  return typeof thrown?.code === "string" && !(thrown instanceof Error);
}
