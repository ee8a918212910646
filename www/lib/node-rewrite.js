import { open } from "node:fs/promises";

/**
 * @import { FileHandle } from "node:fs/promises"
 * @import { Engine, Session } from "./engine.js"
 */

/** Least that is read at once, a header in one read as a rule, and most that the engine is fed: more than a processor keeps near it is slower. */
const WINDOW = 256 * 1024;
/** Most that is read or copied at once. */
const CHUNK = 4 * 1024 * 1024;
/** A file of at most this is read once, and held until it is written. */
const WHOLE = 8 * 1024 * 1024;

/**
 * Writes the de-identified `from` to the new file `to`. Whoever asked removes `to` when this fails.
 * @param {Engine} engine
 * @param {{ from: string, to: string }} paths
 * @param {AbortSignal} signal
 */
export async function rewrite(engine, { from, to }, signal) {
  const input = await open(from, "r").catch(fail("read", "the file cannot be opened"));
  try {
    const output = await open(to, "wx").catch(fail("write", "the output cannot be created"));
    try {
      return await edit(engine, input, output, signal);
    } finally {
      await output.close();
    }
  } finally {
    await input.close();
  }
}

/**
 * @param {Engine} engine
 * @param {FileHandle} input
 * @param {FileHandle} output
 * @param {AbortSignal} signal
 */
async function edit(engine, input, output, signal) {
  const { size } = await input.stat().catch(fail("read", "the file cannot be read"));
  const { write, flush } = writer(output);
  const read = reader(input, size, signal, flush);
  const session = engine.session(size);
  try {
    for (let [at, end] = session.want(); at !== undefined; [at, end] = session.want()) {
      session.feed(at, await read(at, WINDOW, end - at > WINDOW ? CHUNK : WINDOW));
      // A deflated file's output.
      write(session.take());
      await flush();
    }
    const { parts, report, links } = session.finish();
    await splice(parts, read, write);
    await flush();
    return { report, links };
  } finally {
    session.free();
  }
}

/**
 * @param {(Uint8Array | [start: number, end: number])[]} parts
 * @param {Read} read
 * @param {(bytes: Uint8Array) => void} write
 */
async function splice(parts, read, write) {
  for (const part of parts) {
    if (part instanceof Uint8Array) write(part);
    else for (let [at, end] = part; at < end; ) {
      const bytes = await read(at, end - at, end - at);
      write(bytes);
      at += bytes.length;
    }
  }
}

/**
 * @callback Read
 * @param {number} at
 * @param {number} most how many bytes may come
 * @param {number} ahead how many are asked for, if those at `at` are not held
 * @returns {Promise<Uint8Array>} at least one, in a buffer that is used again
 */

/**
 * Reads at positions.
 * @param {FileHandle} input
 * @param {number} size
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} release waits until nobody needs what was read before
 * @returns {Read}
 */
function reader(input, size, signal, release) {
  const whole = size <= WHOLE;
  const buffer = new Uint8Array(whole ? size : CHUNK);
  let [from, to] = [0, 0];
  /** @param {number} start @param {number} end */
  const hold = async (start, end) => {
    await release();
    [from, to] = [start, start];
    while (to < end) {
      const { bytesRead } = await input.read(buffer, to - from, end - to, to).catch(fail("read", "the file cannot be read"));
      if (bytesRead === 0) throw { code: "read", message: "the file changed while it was read" };
      to += bytesRead;
    }
  };
  return async (at, most, ahead) => {
    signal.throwIfAborted();
    if (at < from || at >= to) await (whole ? hold(0, size) : hold(at, Math.min(at + Math.min(ahead, CHUNK), size)));
    if (at >= to) throw { code: "read", message: "the file changed while it was read" };
    return buffer.subarray(at - from, Math.min(at - from + most, to - from));
  };
}

/**
 * Collects what is written, since each call of the system takes longer than copying some thousand bytes.
 * @param {FileHandle} output
 */
function writer(output) {
  /** @type {Uint8Array[]} */
  let waiting = [];
  /** @param {Uint8Array} bytes */
  const write = (bytes) => {
    if (bytes.length > 0) waiting.push(bytes);
  };
  const flush = async () => {
    while (waiting.length > 0) {
      const { bytesWritten } = await output.writev(waiting).catch(fail("write", "the output cannot be written"));
      waiting = behind(waiting, bytesWritten);
    }
  };
  return { write, flush };
}

/**
 * What is left without so many of the first bytes.
 * @param {Uint8Array[]} list
 * @param {number} count
 */
function behind(list, count) {
  let index = 0;
  for (; index < list.length && count >= list[index].length; index++) count -= list[index].length;
  const [cut, ...rest] = list.slice(index);
  return cut === undefined ? [] : [cut.subarray(count), ...rest];
}

/**
 * The system's message names the path; its code (ENOENT, ENOSPC) does not.
 * @param {"read" | "write"} code
 * @param {string} what
 * @returns {(error: NodeJS.ErrnoException) => never}
 */
export function fail(code, what) {
  return (error) => {
    throw { code, message: `${what} (${error.code})` };
  };
}
