import { done } from "./done.js";

/** @import { Outcome } from "./types.js" */

/**
 * A file to be written. Its first bytes have been asked for.
 * @typedef {{ name: string, blob: Blob, reader: ReadableStreamDefaultReader<Uint8Array>, first: Promise<ReadableStreamReadResult<Uint8Array>> }} Opened
 */

/**
 * What the sinks write, each file opened while the one before it is written: a read waits for milliseconds in some browsers.
 * @param {AsyncIterable<Outcome> | Iterable<Outcome>} outcomes
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<Opened, void, void>}
 */
export async function* ahead(outcomes, signal) {
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const files = done(outcomes, { signal: stop.signal });
  let next = opened(files);
  try {
    for (let file = await next; file; file = await next) {
      next = opened(files);
      unawaited(next);
      yield file;
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    // A source that is asked and does not answer is not waited for.
    stop.abort();
    await next.then((file) => file?.reader.cancel(), () => {}).catch(() => {});
    await files.return();
  }
}

/**
 * The next of the files, if there is one.
 * @param {ReturnType<typeof done>} files
 * @returns {Promise<Opened | undefined>}
 */
async function opened(files) {
  const { done: over, value } = await files.next();
  if (over) return undefined;
  const reader = value.blob.stream().getReader();
  const first = reader.read();
  unawaited(first);
  return { ...value, reader, first };
}

/** Its error is for whoever awaits it in the end. @param {Promise<unknown>} promise */
const unawaited = (promise) => void promise.catch(() => {});
