import { done } from "./done.js";
import { gone } from "./errors.js";

/** @import { Outcome, SinkOptions } from "./types.js" */

const BLOCK = 512;
/** POSIX ustar: 11 octal digits. */
const MOST_IN_HEADER = 8 ** 11;
/** 1980-01-01, as in the ZIP. */
const TIME = 315532800;

/**
 * A TAR archive (POSIX ustar, pax where a name or size does not fit) of the files that are done. No data is read but the
 * last byte of each, to see that it can be: the Blob refers to theirs.
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {SinkOptions} [options]
 */
export async function tar(outcomes, options = {}) {
  /** @type {BlobPart[]} */
  const parts = [];
  /** @type {Promise<boolean>[]} */
  const readable = [];
  for await (const { name, blob } of done(outcomes, options)) {
    parts.push(...header(name, blob.size), blob, padding(blob.size));
    readable.push(blob.slice(-1).arrayBuffer().then(() => true, () => false));
  }
  if ((await Promise.all(readable)).includes(false)) throw gone();
  parts.push(new Uint8Array(2 * BLOCK));
  return new Blob(parts, { type: "application/x-tar" });
}

/**
 * @param {string} name
 * @param {number} size
 */
export function header(name, size) {
  const place = split(name);
  const records = [...(place ? [] : [record("path", name)]), ...(size < MOST_IN_HEADER ? [] : [record("size", String(size))])];
  const main = block(place ?? { prefix: "", name: "file" }, size < MOST_IN_HEADER ? size : 0, "0");
  if (records.length === 0) return [main];
  const extra = new TextEncoder().encode(records.join(""));
  return [block({ prefix: "", name: "pax" }, extra.length, "x"), extra, padding(extra.length), main];
}

/**
 * The name over ustar's two fields (prefix 155, name 100 bytes, a `/` between them); undefined when it does not fit.
 * @param {string} name
 */
function split(name) {
  if (!/^[\x20-\x7e]*$/.test(name)) return undefined;
  if (name.length <= 100) return { prefix: "", name };
  const slash = name.lastIndexOf("/", 155);
  if (slash < 1 || name.length - slash - 1 > 100 || slash === name.length - 1) return undefined;
  return { prefix: name.slice(0, slash), name: name.slice(slash + 1) };
}

/**
 * A pax record: its length (its own digits included), a key and a value.
 * @param {string} key
 * @param {string} value
 */
function record(key, value) {
  const rest = ` ${key}=${value}\n`;
  const bytes = new TextEncoder().encode(rest).length;
  let length = bytes;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return length + rest;
}

/**
 * @param {{ prefix: string, name: string }} place
 * @param {number} size
 * @param {"0" | "x"} type a file, or pax records for the next file
 */
function block({ prefix, name }, size, type) {
  const bytes = new Uint8Array(BLOCK);
  /** @param {number} at @param {string} text */
  const put = (at, text) => new TextEncoder().encodeInto(text, bytes.subarray(at));
  put(0, name);
  put(100, `${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(TIME, 11)}\0        ${type}`);
  put(257, "ustar\x0000");
  put(345, prefix);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(148, `${octal(sum, 6)}\0 `);
  return bytes;
}

/** @param {number} value @param {number} digits */
const octal = (value, digits) => value.toString(8).padStart(digits, "0");

/** @param {number} size */
const padding = (size) => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
