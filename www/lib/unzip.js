import { crc32 } from "./crc32.js";
import { DicomError } from "./errors.js";
import { directory, packedBytes } from "./zip-directory.js";

/**
 * @import { Item } from "./types.js"
 * @import { Entry } from "./zip-directory.js"
 */

/** Most bytes of an entry, inflated: an archive of a few kilobytes can claim any size. */
const MOST_BYTES = 4 * 1024 ** 3;

/**
 * True for a file that calls itself a ZIP archive and begins like one. Others are not looked into: a read costs
 * milliseconds, and there are thousands of them.
 * @param {string} name
 * @param {Blob} file
 */
export async function isArchive(name, file) {
  if (!/\.zip$/i.test(name) && !/^application\/(x-)?zip/.test(file.type)) return false;
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer().catch(() => new ArrayBuffer(0)));
  // APPNOTE 4.3.7, 4.3.16: a local file header, or the end record of an empty archive.
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/**
 * The files in a ZIP archive, each when it is asked for: a stored one as a slice, a deflated one inflated into a Blob.
 * Archives in archives are not opened.
 * @param {string} name
 * @param {Blob} archive
 * @returns {AsyncGenerator<Item, void, undefined>}
 */
export async function* unzip(name, archive) {
  const entries = await directory(archive).catch(() => undefined);
  if (!entries) return yield broken(name, "the ZIP archive is damaged");
  for (const entry of entries) if (!entry.name.endsWith("/")) yield await item(`${name}/${entry.name}`, archive, entry);
}

/**
 * @param {string} name
 * @param {Blob} archive
 * @param {Entry} entry
 * @returns {Promise<Item>}
 */
async function item(name, archive, entry) {
  if (entry.encrypted) return broken(name, "the archive's entry is encrypted; unpack it first");
  if (entry.method !== 0 && entry.method !== 8) return broken(name, "the archive's entry is packed in an unknown way; unpack it first");
  if (entry.size > MOST_BYTES) return broken(name, "the archive's entry is larger than 4 GiB; unpack it first", "too-large");
  try {
    const bytes = await packedBytes(archive, entry);
    if (entry.method === 0 && entry.packed !== entry.size) throw new RangeError("stored, and of another size");
    return { name, file: entry.method === 0 ? bytes : await inflated(bytes, entry) };
  } catch {
    return broken(name, "the archive's entry is damaged");
  }
}

/**
 * @param {Blob} bytes
 * @param {Entry} entry
 */
function inflated(bytes, entry) {
  const plain = bytes.stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(plain.pipeThrough(verified(entry))).blob();
}

/**
 * Lets through what the directory promises, and ends in an error with the first byte too many.
 * @param {Entry} entry
 * @returns {TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>}
 */
function verified({ size, crc }) {
  let seen = 0;
  let sum = 0;
  return new TransformStream({
    transform(chunk, out) {
      seen += chunk.length;
      sum = crc32(chunk, sum);
      if (seen > size) throw new RangeError("longer than it says");
      out.enqueue(chunk);
    },
    flush() {
      if (seen !== size || sum !== crc) throw new RangeError("not what it says");
    },
  });
}

/**
 * @param {string} name
 * @param {string} message
 * @returns {Item}
 */
function broken(name, message, code = "read") {
  return { name, error: new DicomError({ code, message }) };
}
