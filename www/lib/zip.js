import { makeZip } from "client-zip";
import { done } from "./done.js";
import { gone } from "./errors.js";
import { unlessAborted } from "./iterate.js";

/** @import { Outcome, SinkOptions } from "./types.js" */

/**
 * A ZIP archive (stored, ZIP64 where needed) of the files that are done.
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {SinkOptions} [options]
 * @returns {ReadableStream<Uint8Array>}
 */
export function zip(outcomes, options = {}) {
  const count = { entries: 0 };
  const archive = makeZip(entries(outcomes, options, count)).getReader();
  const chunks = manyEntries(archive, count);
  return new ReadableStream(
    {
      async pull(out) {
        const { done, value } = await unlessAborted(chunks.next(), options.signal);
        if (done) out.close();
        else out.enqueue(value);
      },
      cancel: (reason) => archive.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/**
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {SinkOptions} options
 * @param {{ entries: number }} count
 */
async function* entries(outcomes, options, count) {
  // APPNOTE 4.4.6: MS-DOS time is local and begins in 1980. The time of writing is nobody's business.
  const lastModified = new Date(1980, 0, 1);
  for await (const { name, blob } of done(outcomes, options)) {
    count.entries += 1;
    try {
      yield { name, input: content(blob), size: blob.size, lastModified };
    } catch {
      return; // client-zip throws a cancelled stream's reason in here: the loop is left, which ends the source
    }
  }
}

/** @param {Blob} blob */
async function* content(blob) {
  const reader = blob.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => {
        throw gone();
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** APPNOTE 4.3.14 to 4.3.16: signatures of the ZIP64 end of central directory record, its locator, the end record. */
const [END64, LOCATOR, END] = [0x06064b50, 0x07064b50, 0x06054b50];

/**
 * client-zip writes ZIP64 records for sizes and offsets, and not for more than 65,535 entries in less than 4 GiB. Its
 * last chunk is the end record; what is missing is put before it.
 * @param {ReadableStreamDefaultReader<Uint8Array>} archive
 * @param {{ entries: number }} count
 */
async function* manyEntries(archive, count) {
  /** @type {Uint8Array[]} */
  let [before, last] = [new Uint8Array(), new Uint8Array()];
  for (let step = await archive.read(); !step.done; step = await archive.read()) {
    if (last.length > 0) yield last;
    [before, last] = [last, step.value];
  }
  if (count.entries > 0xffff && signature(before) !== END64 && signature(last) === END) yield records64(last, count.entries);
  yield last;
}

/** @param {Uint8Array} chunk */
const signature = (chunk) => (chunk.length >= 4 ? view(chunk).getUint32(0, true) : undefined);
/** @param {Uint8Array} bytes */
const view = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * The ZIP64 end of central directory record and its locator.
 * @param {Uint8Array} end the end record, which has size and offset of the central directory
 * @param {number} entries
 */
function records64(end, entries) {
  const [size, offset] = [view(end).getUint32(12, true), view(end).getUint32(16, true)];
  const out = new DataView(new ArrayBuffer(76));
  out.setUint32(0, END64, true);
  out.setBigUint64(4, 44n, true); // length of the rest of the record
  out.setUint32(12, 0x002d002d, true); // version made by and needed: 4.5
  out.setBigUint64(24, BigInt(entries), true);
  out.setBigUint64(32, BigInt(entries), true);
  out.setBigUint64(40, BigInt(size), true);
  out.setBigUint64(48, BigInt(offset), true);
  out.setUint32(56, LOCATOR, true);
  out.setBigUint64(64, BigInt(offset + size), true);
  out.setUint32(72, 1, true); // disks
  return new Uint8Array(out.buffer);
}
