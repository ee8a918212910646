import { ahead } from "./ahead.js";
import { crc32 } from "./crc32.js";
import { gone } from "./errors.js";
import { unlessAborted } from "./iterate.js";
import { descriptor, end, entry, local } from "./zip-records.js";

/**
 * @import { Opened } from "./ahead.js"
 * @import { Outcome, SinkOptions } from "./types.js"
 */

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
        try {
          const { done, value } = await unlessAborted(chunks.next(), options.signal);
          if (done) out.close();
          else out.enqueue(value);
        } catch (error) {
          // Nobody will ask again: the source is told, and not waited for.
          chunks.return().catch(() => {});
          throw error;
        }
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
async function* archive(outcomes, { signal, onProgress }) {
  const progress = { files: 0, bytes: 0 };
  /** @type {BlobPart[]} */
  const directory = [];
  let at = 0;
  for await (const opened of ahead(outcomes, signal)) {
    const file = { name: new TextEncoder().encode(opened.name), size: opened.blob.size, at, crc: 0 };
    for await (const chunk of stored(file, opened)) {
      at += chunk.length;
      yield chunk;
    }
    const [fixed, extra] = entry(file);
    directory.push(fixed, file.name, extra);
    progress.files += 1;
    progress.bytes += file.size;
    onProgress?.({ ...progress });
  }
  const entries = new Uint8Array(await new Blob(directory).arrayBuffer());
  yield entries;
  yield* end(progress.files, at, entries.length);
}

/**
 * A file of the archive, with what stands before and behind it.
 * @param {{ name: Uint8Array, size: number, at: number, crc: number }} file
 * @param {Opened} opened
 */
async function* stored(file, opened) {
  yield local(file);
  yield file.name;
  let left = file.size;
  for await (const chunk of content(opened)) {
    file.crc = crc32(chunk, file.crc);
    left -= chunk.length;
    yield chunk;
  }
  if (left !== 0) throw gone();
  yield descriptor(file);
}

/** @param {Opened} opened */
async function* content({ reader, first }) {
  try {
    for (let read = first; ; read = reader.read()) {
      const { done, value } = await read.catch(() => {
        throw gone();
      });
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
