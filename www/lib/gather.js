/**
 * @typedef {Uint8Array<ArrayBuffer> | [start: number, end: number]} Part new bytes, or a range of the file
 * @typedef {{ at: number, bytes: Uint8Array }} Window what was read of it, and where it stands
 */

/** Ranges up to this many bytes are copied. */
const SMALL = 256 * 1024;

/**
 * Parts with small ranges as bytes, joined with the bytes beside them, where they were read before: each range becomes a Blob
 * of its own, which takes browsers longer than its bytes, and compressed images can be made of hundreds.
 * @param {Part[]} parts
 * @param {Window[]} windows in the order of the file
 * @returns {Part[]}
 */
export function gather(parts, windows) {
  /** @type {Part[]} */
  const gathered = [];
  /** @type {Uint8Array[]} */
  let run = [];
  const end = () => {
    if (run.length > 0) gathered.push(joined(run));
    run = [];
  };
  for (const part of parts) {
    const pieces = part instanceof Uint8Array ? [part] : held(windows, ...part);
    if (pieces) run.push(...pieces);
    else {
      end();
      gathered.push(part);
    }
  }
  end();
  return gathered;
}

/**
 * A small range, if all of it was read.
 * @param {Window[]} windows
 * @param {number} start
 * @param {number} end
 */
function held(windows, start, end) {
  if (end - start > SMALL) return undefined;
  const pieces = [];
  for (const { at, bytes } of windows) {
    if (start < at || start >= Math.min(end, at + bytes.length)) continue;
    const piece = bytes.subarray(start - at, end - at);
    pieces.push(piece);
    start += piece.length;
  }
  return start === end ? pieces : undefined;
}

/** @param {Uint8Array[]} pieces */
function joined(pieces) {
  const [first] = pieces;
  // What is new has a buffer of its own, and none of what was read.
  if (pieces.length === 1 && first.length === first.buffer.byteLength) return /** @type {Uint8Array<ArrayBuffer>} */ (first);
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
