import { open } from "node:fs/promises";

/**
 * @import { FileHandle } from "node:fs/promises"
 * @import { Engine, Session } from "./engine.js"
 * @import { Supply } from "./worker.js"
 */

/** Least that is read at once: a header in one read, as a rule. */
const WINDOW = 256 * 1024;
/** Most that is read or copied at once. */
const CHUNK = 4 * 1024 * 1024;

/**
 * Writes the de-identified `from` to the new file `to`. Whoever asked removes `to` when this fails.
 * @param {Engine} engine
 * @param {{ from: string, to: string }} paths
 * @param {AbortSignal} signal
 * @param {Supply} supply
 */
export async function rewrite(engine, { from, to }, signal, supply) {
  const input = await open(from, "r").catch(fail("read", "the file cannot be opened"));
  try {
    const output = await open(to, "wx").catch(fail("write", "the output cannot be created"));
    try {
      return await edit(engine, input, output, signal, supply);
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
 * @param {Supply} supply
 */
async function edit(engine, input, output, signal, supply) {
  const { size } = await input.stat().catch(fail("read", "the file cannot be read"));
  const read = reader(input, Math.min(CHUNK, size), signal);
  const write = writer(output);
  const session = engine.session(size);
  try {
    await index(session, size, read, write, supply);
    const { parts, report, links } = session.finish();
    for (const part of parts) {
      if (part instanceof Uint8Array) await write(part);
      else for (let at = part[0]; at < part[1]; at += CHUNK) await write(await read(at, Math.min(CHUNK, part[1] - at)));
    }
    return { report, links };
  } finally {
    session.free();
  }
}

/**
 * Feeds the session what it wants, and writes what it gives meanwhile (a deflated file's output).
 * @param {Session} session
 * @param {number} size
 * @param {(at: number, length: number) => Promise<Uint8Array>} read
 * @param {(bytes: Uint8Array) => Promise<void>} write
 * @param {Supply} supply
 */
async function index(session, size, read, write, supply) {
  for (let [at, end] = session.want(); at !== undefined; [at, end] = session.want()) {
    if (session.deflates()) await supply();
    const length = Math.min(Math.max(end - at, WINDOW), CHUNK, size - at);
    session.feed(at, await read(at, length));
    await write(session.take());
  }
}

/**
 * Reads exactly `length` bytes at a position, into a buffer that is used again.
 * @param {FileHandle} input
 * @param {number} most
 * @param {AbortSignal} signal
 */
function reader(input, most, signal) {
  const buffer = new Uint8Array(most);
  /** @param {number} at @param {number} length */
  return async (at, length) => {
    signal.throwIfAborted();
    let got = 0;
    while (got < length) {
      const { bytesRead } = await input.read(buffer, got, length - got, at + got).catch(fail("read", "the file cannot be read"));
      if (bytesRead === 0) throw { code: "read", message: "the file changed while it was read" };
      got += bytesRead;
    }
    return buffer.subarray(0, length);
  };
}

/** @param {FileHandle} output */
function writer(output) {
  /** @param {Uint8Array} bytes */
  return async (bytes) => {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await output.write(bytes, done).catch(fail("write", "the output cannot be written"));
      done += bytesWritten;
    }
  };
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
