import { unzipRaw } from "unzipit";
import { DicomError } from "./errors.js";

/** @import { Item } from "./types.js" */

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
 * The files in a ZIP archive, each when it is asked for: a stored one as a slice, a deflated one inflated into a Blob
 * (which ends in an error where it is not as long as it says). Archives in archives are not opened.
 * @param {string} name
 * @param {Blob} archive
 * @returns {AsyncGenerator<Item, void, undefined>}
 */
export async function* unzip(name, archive) {
  const listed = await unzipRaw(archive).catch(() => undefined);
  if (!listed) return yield broken(name, "the ZIP archive is damaged");
  for (const entry of listed.entries) {
    if (entry.name.endsWith("/")) continue;
    const path = `${name}/${entry.name}`;
    if (entry.encrypted) yield broken(path, "the archive's entry is encrypted; unpack it first");
    else if (entry.size > MOST_BYTES) yield broken(path, "the archive's entry is larger than 4 GiB; unpack it first", "too-large");
    else yield await entry.blob().then((file) => ({ name: path, file }), () => broken(path, "the archive's entry is damaged or packed in an unknown way"));
  }
}

/**
 * @param {string} name
 * @param {string} message
 * @returns {Item}
 */
function broken(name, message, code = "read") {
  return { name, error: new DicomError({ code, message }) };
}
