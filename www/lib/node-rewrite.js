import { open } from "node:fs/promises";
import { budget } from "./budget.js";
import { CHUNK, drive } from "./drive.js";

/**
 * @import { FileHandle } from "node:fs/promises"
 * @import { Engine } from "./engine.js"
 * @import { Supply } from "./worker.js"
 */

/** Up to this size all files that are under way keep their buffers for the next: a new one for each is memory that the system has to clear first. */
const SMALL = 2 * 1024 * 1024;
/** Up to this size a file is read at once, and written out of that: compressed images would be read a second time. */
const WHOLE = 8 * 1024 * 1024;
/** What is read first of a larger one: a header in one read, as a rule. */
const HEAD = 64 * 1024;
/** Most pieces that are written at once. */
const PIECES = 256;
/** Most that the files under way hold of themselves. */
const HELD = 4 * WHOLE;

/**
 * A task that writes the de-identified `from` to the new file `to`. Whoever asked removes `to` when it fails.
 * @returns {(engine: Engine, paths: { from: string, to: string }, signal: AbortSignal, supply: Supply) => Promise<string>}
 */
export function rewriter() {
  const buffers = { small: spare(SMALL, Infinity), whole: spare(WHOLE, 2), none: spare(CHUNK, 0) };
  const within = budget(HELD);
  return async (engine, { from, to }, signal, supply) => {
    const input = await open(from, "r").catch(fail("read", "the file cannot be opened"));
    try {
      // A worker that is lost leaves what it wrote, and another begins anew.
      const output = await open(to, "w").catch(fail("write", "the output cannot be created"));
      try {
        const { size } = await input.stat().catch(fail("read", "the file cannot be read"));
        const { take, keep } = buffers[size <= SMALL ? "small" : size <= WHOLE ? "whole" : "none"];
        return await within(Math.min(size, WHOLE), async () => {
          const [buffer, room] = [take(), buffers.small.take()];
          const told = await edit(engine, size, reader(input, size, buffer, signal), writer(output), room, supply);
          keep(buffer);
          buffers.small.keep(room);
          return told;
        });
      } finally {
        await output.close();
      }
    } finally {
      await input.close();
    }
  };
}

/**
 * Buffers of one size, of which so many at most are kept for the next file.
 * @param {number} size
 * @param {number} most
 */
function spare(size, most) {
  /** @type {Uint8Array[]} */
  const kept = [];
  return {
    take: () => kept.pop() ?? Buffer.allocUnsafeSlow(size),
    keep: (/** @type {Uint8Array} */ buffer) => void (kept.length < most && kept.push(buffer)),
  };
}

/**
 * @param {Engine} engine
 * @param {number} size
 * @param {Reader} reader
 * @param {(pieces: Uint8Array[]) => Promise<void>} write
 * @param {Uint8Array} room for new bytes
 * @param {Supply} supply
 */
async function edit(engine, size, { read, holds }, write, room, supply) {
  const session = engine.session(size);
  try {
    await drive(session, size, read, (bytes) => write([bytes]), supply, size > WHOLE ? HEAD : CHUNK);
    const [parts, told] = session.finish(room);
    /** @type {Uint8Array[]} */
    let pieces = [];
    for (const part of pieced(parts)) {
      const isNew = part instanceof Uint8Array;
      // What is read takes the place of what was read before.
      if (pieces.length >= PIECES || !(isNew || holds(...part))) await write(pieces.splice(0));
      pieces.push(isNew ? part : await read(...part));
    }
    await write(pieces);
    return told;
  } finally {
    session.free();
  }
}

/**
 * New bytes as they are, and of ranges place and length, so long that they can be read at once.
 * @param {(Uint8Array | [number, number])[]} parts
 * @returns {Generator<Uint8Array | [at: number, length: number]>}
 */
function* pieced(parts) {
  for (const part of parts) {
    if (part instanceof Uint8Array) yield part;
    else for (let at = part[0]; at < part[1]; at += CHUNK) yield [at, Math.min(CHUNK, part[1] - at)];
  }
}

/**
 * Reads exactly `length` bytes at a position, which stay until the next that are not held are read.
 * @typedef {{ read(at: number, length: number): Promise<Uint8Array>, holds(at: number, length: number): boolean }} Reader
 */

/**
 * @param {FileHandle} input
 * @param {number} size of the file: one that the buffer has room for is read at once
 * @param {Uint8Array} buffer
 * @param {AbortSignal} signal
 * @returns {Reader}
 */
function reader(input, size, buffer, signal) {
  // What the buffer holds.
  let [start, end] = [0, 0];
  const holds = (/** @type {number} */ at, /** @type {number} */ length) => at >= start && at + length <= end;
  return {
    holds,
    async read(at, length) {
      signal.throwIfAborted();
      if (!holds(at, length)) {
        const [from, to] = size <= buffer.length ? [0, size] : [at, at + length];
        [start, end] = [from, from];
        while (end < to) {
          const { bytesRead } = await input.read(buffer, end - from, to - end, end).catch(fail("read", "the file cannot be read"));
          if (bytesRead === 0) throw { code: "read", message: "the file changed while it was read" };
          end += bytesRead;
        }
      }
      return buffer.subarray(at - start, at - start + length);
    },
  };
}

/** @param {FileHandle} output */
function writer(output) {
  /** @param {Uint8Array[]} pieces */
  return async (pieces) => {
    for (let rest = pieces; rest.length > 0; ) {
      const { bytesWritten } = await output.writev(rest).catch(fail("write", "the output cannot be written"));
      rest = behind(rest, bytesWritten);
    }
  };
}

/**
 * What is left of pieces without the first so many bytes.
 * @param {Uint8Array[]} pieces
 * @param {number} bytes
 */
function behind(pieces, bytes) {
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(bytes, piece.length));
    bytes -= piece.length - rest.length;
    return rest.length > 0 ? [rest] : [];
  });
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
