import { crc32 } from "./crc32.js";
import { done } from "./done.js";
import { gone } from "./errors.js";
import { unlessAborted } from "./iterate.js";
import { descriptor, end, entry, local } from "./zip-records.js";

/** @import { Outcome, SinkOptions } from "./types.js" */

/**
 * A ZIP archive (stored, ZIP64 where needed) of the files that are done.
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {SinkOptions} [options]
 * @returns {ReadableStream<Uint8Array>}
 */
export function zip(outcomes, options = {}) {
  const chunks = archive(outcomes, options);
  return new ReadableStream(
    {
      async pull(out) {
        const { done, value } = await unlessAborted(chunks.next(), options.signal);
        if (done) out.close();
        else out.enqueue(value);
      },
      async cancel() {
        await chunks.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {SinkOptions} options
 * @returns {AsyncGenerator<Uint8Array, void, void>}
 */
async function* archive(outcomes, options) {
  /** @type {BlobPart[]} */
  const directory = [];
  let [count, at] = [0, 0];
  for await (const { name, blob } of done(outcomes, options)) {
    const file = { name: new TextEncoder().encode(name), size: blob.size, at, crc: 0 };
    for await (const chunk of stored(file, blob)) {
      at += chunk.length;
      yield chunk;
    }
    const [fixed, extra] = entry(file);
    directory.push(fixed, file.name, extra);
    count += 1;
  }
  const entries = new Uint8Array(await new Blob(directory).arrayBuffer());
  yield entries;
  yield* end(count, at, entries.length);
}

/**
 * A file of the archive, with what stands before and behind it.
 * @param {{ name: Uint8Array, size: number, at: number, crc: number }} file
 * @param {Blob} blob
 */
async function* stored(file, blob) {
  yield local(file);
  yield file.name;
  let left = file.size;
  for await (const chunk of content(blob)) {
    file.crc = crc32(chunk, file.crc);
    left -= chunk.length;
    yield chunk;
  }
  if (left !== 0) throw gone();
  yield descriptor(file);
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
