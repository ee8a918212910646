import { DicomError } from "./errors.js";
import { aborted, iterator } from "./iterate.js";

/** @import { Deidentified, FileItem, Item, Outcome } from "./types.js" */

/**
 * Does `work` on each file, `room` files at once, and yields outcomes as they finish. A file is asked for when there is
 * room, so what the consumer has not taken yet holds the next ones back. Leaving the loop cancels what is under way.
 * @param {AsyncIterable<Item> | Iterable<Item>} files
 * @param {(file: Blob, cancel: AbortSignal) => Promise<Deidentified>} work
 * @param {{ room: number, signals: AbortSignal[] }} options
 * @returns {AsyncGenerator<Outcome, void, undefined>}
 */
export async function* batch(files, work, { room, signals }) {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...signals]);
  const source = iterator(files);
  const end = aborted(signal);
  /** @type {Set<Promise<{ outcome: Outcome }>>} */
  const underWay = new Set();
  /** @type {Promise<{ next: IteratorResult<Item> }> | undefined} */
  let asked;
  let more = true;
  try {
    for (;;) {
      if (more && underWay.size < room) asked ??= source.next().then((next) => ({ next }));
      if (!asked && underWay.size === 0) return;
      // First come the end and the source: an outcome that waits must not keep workers idle.
      const event = await Promise.race([end, ...(asked ? [asked] : []), ...underWay]);
      if ("outcome" in event) {
        yield event.outcome;
      } else {
        asked = undefined;
        more = !event.next.done;
        if (more) start(event.next.value);
      }
    }
  } finally {
    stop.abort(new DOMException("the batch was left", "AbortError"));
    // A source that is asked and does not answer would hold this up for ever: it is told, and not waited for.
    const closed = Promise.resolve(source.return?.()).catch(() => {});
    if (!asked) await closed;
  }

  /** @param {Item} item */
  function start(item) {
    const done = outcome(item, (file) => work(file, signal)).then((outcome) => {
      underWay.delete(done);
      return { outcome };
    });
    underWay.add(done);
    done.catch(() => {});
  }
}

/**
 * @param {Item} item
 * @param {(file: Blob) => Promise<Deidentified>} work
 * @returns {Promise<Outcome>}
 */
async function outcome(item, work) {
  const source = item.name;
  if (item.error) return { ok: false, source, error: item.error };
  try {
    return { ok: true, source, ...(await work(item.file)) };
  } catch (error) {
    if (error instanceof DicomError) return { ok: false, source, error };
    throw error;
  }
}
