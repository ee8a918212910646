import { DicomError } from "./errors.js";
import { iterator, leave } from "./iterate.js";

/** @import { Deidentified, Item, Outcome } from "./types.js" */

/** @typedef {{ outcome: Outcome } | { error: unknown }} Event */

/**
 * Does `work` on each file, `room` files at once, and yields outcomes as they finish. A file is asked for when there is
 * room; an outcome takes room until the consumer takes it. Leaving the loop cancels what is under way.
 * @param {AsyncIterable<Item> | Iterable<Item>} files
 * @param {(file: Blob, cancel: AbortSignal) => Promise<Deidentified>} work
 * @param {{ room: number, signals: AbortSignal[] }} options
 * @returns {AsyncGenerator<Outcome, void, undefined>}
 */
export async function* batch(files, work, { room, signals }) {
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...signals]);
  const source = iterator(files);
  /** @type {Event[]} */
  const events = [];
  let wake = () => {};
  let held = 0;
  let asking = false;
  let more = true;

  /** @param {Event} event */
  const tell = (event) => {
    events.push(event);
    wake();
  };
  /** @param {Item} item */
  const start = (item) => {
    held += 1;
    outcome(item, (file) => work(file, signal)).then(tell, (error) => tell({ error }));
  };
  // On its own, not in step with the consumer: outcomes that wait must not keep workers idle.
  const fill = async () => {
    if (asking) return;
    asking = true;
    while (more && held < room && !signal.aborted) {
      const { done, value } = await source.next();
      if (done) more = false;
      else start(value);
    }
    asking = false;
    wake();
  };
  const filled = () => fill().catch((error) => tell({ error }));

  signal.addEventListener("abort", () => tell({ error: signal.reason }));
  try {
    signal.throwIfAborted();
    for (;;) {
      filled();
      if (events.length === 0) {
        if (!more && held === 0) return;
        await new Promise((resolve) => (wake = () => resolve(undefined)));
        continue;
      }
      const event = /** @type {Event} */ (events.shift());
      if ("error" in event) throw event.error;
      held -= 1;
      filled();
      yield event.outcome;
    }
  } finally {
    stop.abort(new DOMException("the batch was left", "AbortError"));
    if (more) await leave(source, asking);
  }
}

/**
 * @param {Item} item
 * @param {(file: Blob) => Promise<Deidentified>} work
 * @returns {Promise<{ outcome: Outcome }>}
 */
async function outcome(item, work) {
  const source = item.name;
  if (item.error) return { outcome: { ok: false, source, error: item.error } };
  try {
    return { outcome: { ok: true, source, ...(await work(item.file)) } };
  } catch (error) {
    if (error instanceof DicomError) return { outcome: { ok: false, source, error } };
    throw error;
  }
}
