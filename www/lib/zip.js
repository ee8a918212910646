import { makeZip } from "client-zip";
import { done } from "./done.js";

/** @import { Outcome, SinkOptions } from "./types.js" */

/**
 * A ZIP archive (stored, ZIP64 where needed) of the files that are done.
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {SinkOptions} [options]
 * @returns {ReadableStream<Uint8Array>}
 */
export function zip(outcomes, options = {}) {
  const archive = makeZip(entries(outcomes, options));
  // Through a stream that knows the signal, so that it is also heard within a large file.
  return options.signal ? archive.pipeThrough(new TransformStream(), { signal: options.signal }) : archive;
}

/**
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {SinkOptions} options
 */
async function* entries(outcomes, options) {
  // APPNOTE 4.4.6: MS-DOS time is local and begins in 1980. The time of writing is nobody's business.
  const lastModified = new Date(1980, 0, 1);
  for await (const { name, blob } of done(outcomes, options)) {
    try {
      yield { name, input: blob, size: blob.size, lastModified };
    } catch {
      return; // client-zip throws a cancelled stream's reason in here: the loop is left, which ends the source
    }
  }
}
