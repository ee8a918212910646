import * as deflate from "./deflate.js";
import { CHUNK, drive } from "./drive.js";
import { Engine, handOver, initSync, provide } from "./engine.js";
import { gather } from "./gather.js";
import { rehearse } from "./rehearse.js";

/**
 * @import { Session } from "./engine.js"
 * @import { Window } from "./gather.js"
 */

/**
 * @typedef {() => Promise<void>} Supply gets the engine what deflated files need
 * @typedef {(engine: Engine, task: any, signal: AbortSignal, supply: Supply) => unknown} Task
 * @typedef {{ postMessage(message: unknown, moved?: ArrayBuffer[]): void, addEventListener(type: string, listener: (event: any) => void): void }} Port
 */

/** New bytes beyond this are handed over as a Blob, which neither thread's memory holds. */
const LARGE = 1024 * 1024;

/** What a worker can be asked to do. @type {Record<string, Task>} */
export const tasks = {
  hello: () => true,
  // Parts, of which the page makes a Blob: for one that is made of new bytes in a worker Chromium needs twice the time.
  deidentify: async (engine, { file }, signal, supply) => {
    /** @type {Blob[]} */
    const given = [];
    const write = (/** @type {Uint8Array<ArrayBuffer>} */ bytes) => given.push(new Blob([bytes]));
    /** @type {Window[]} */
    const windows = [];
    const read = reader(file, signal);
    const keep = async (/** @type {number} */ at, /** @type {number} */ length) => {
      const bytes = await read(at, length);
      if (file.size <= CHUNK) windows.push({ at, bytes });
      return bytes;
    };
    const [parts, told] = await driven(engine.session(file.size), file, keep, write, supply, (session) => session.finish());
    return [[...given, ...gather(parts, windows).map((part) => (part instanceof Uint8Array && part.length > LARGE ? new Blob([part]) : part))], told];
  },
  inspect: (engine, { file }, signal, supply) => driven(engine.inspection(file.size), file, reader(file, signal), () => {}, supply, (session) => session.changes()),
};

/**
 * What comes of a session that was fed a Blob.
 * @template T
 * @param {Session} session
 * @param {Blob} file
 * @param {(at: number, length: number) => Promise<Uint8Array>} read
 * @param {(bytes: any) => unknown} write
 * @param {Supply} supply
 * @param {(session: Session) => T} finish
 */
async function driven(session, file, read, write, supply, finish) {
  try {
    await drive(session, file.size, read, write, supply);
    return finish(session);
  } finally {
    session.free();
  }
}

/** @param {Blob} file @param {AbortSignal} signal */
function reader(file, signal) {
  /** @param {number} at @param {number} length */
  return async (at, length) => {
    signal.throwIfAborted();
    const buffer = await file.slice(at, at + length).arrayBuffer().catch(() => undefined);
    if (!buffer?.byteLength) throw { code: "read", message: "the file could not be read; was it moved, changed or deleted?" };
    return new Uint8Array(buffer);
  };
}

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
    engine = new Engine(settings);
    setInterval(() => underWay.size > 0 && port.postMessage({ alive: true }), beat);
    port.postMessage({ ready: true });
    // Behind what waits already.
    setTimeout(() => underWay.size === 0 && prepare(), 0);
  }

  /** Settings may refuse any file, this one too. */
  async function prepare() {
    try {
      await rehearse((file) => tasks.deidentify(engine, { file }, new AbortController().signal, supply));
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
    }
  }

  /** @param {number} id @param {{ what: string }} task */
  async function work(id, task) {
    const stop = new AbortController();
    underWay.set(id, stop);
    try {
      const value = await known[task.what](engine, task, stop.signal, supply);
      port.postMessage({ id, value }, buffers(value));
    } catch (thrown) {
      if (thrown === stop.signal.reason) port.postMessage({ id });
      else port.postMessage(isRefusal(thrown) ? { id, error: thrown } : { crashed: true });
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
  // What nobody awaits surfaces here, not as the rejection of the file's promise.
  for (const type of ["error", "unhandledrejection"]) {
    globalThis.addEventListener?.(type, (event) => {
      event.preventDefault();
      port.postMessage({ crashed: true });
    });
  }
}

/**
 * Those of new bytes, each of which has one of its own: they are moved to the page, where a copy would be made twice.
 * @param {unknown} value
 * @returns {ArrayBuffer[]}
 */
function buffers(value) {
  const parts = Array.isArray(value) && Array.isArray(value[0]) ? value[0] : [];
  return parts.flatMap((part) => (part instanceof Uint8Array ? [/** @type {ArrayBuffer} */ (part.buffer)] : []));
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
