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
 */
export const batch = (files, work, options) => new Batch(files, work, options).outcomes();

class Batch {
  #source;
  #work;
  #room;
  #signals;
  /** @type {Event[]} what the consumer has not taken yet */
  #events = [];
  /** @type {Set<AbortController>} one for each file: Node warns of many listeners to one signal */
  #underWay = new Set();
  #wake = () => {};
  /** Files under way, and outcomes not taken. */
  #held = 0;
  #asking = false;
  #more = true;
  #left = false;

  /**
   * @param {AsyncIterable<Item> | Iterable<Item>} files
   * @param {(file: Blob, cancel: AbortSignal) => Promise<Deidentified>} work
   * @param {{ room: number, signals: AbortSignal[] }} options
   */
  constructor(files, work, { room, signals }) {
    this.#source = iterator(files);
    this.#work = work;
    this.#room = room;
    this.#signals = signals;
  }

  /** @returns {AsyncGenerator<Outcome, void, undefined>} */
  async *outcomes() {
    for (const signal of this.#signals) signal.addEventListener("abort", this.#aborted);
    try {
      for (const signal of this.#signals) signal.throwIfAborted();
      for (;;) {
        this.#fill();
        const event = this.#events.shift();
        if (event) yield this.#taken(event);
        else if (this.#more || this.#held > 0) await new Promise((resolve) => (this.#wake = () => resolve(undefined)));
        else return;
      }
    } finally {
      await this.#leave();
    }
  }

  /** @param {Event} event */
  #taken(event) {
    if ("error" in event) throw event.error;
    this.#held -= 1;
    this.#fill();
    return event.outcome;
  }

  /** On its own, not in step with the consumer: outcomes that wait must not keep workers idle. */
  async #fill() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      while (this.#more && this.#held < this.#room && !this.#left) {
        const { done, value } = await this.#source.next();
        if (done) this.#more = false;
        else if (!this.#left) this.#start(value);
      }
      this.#asking = false;
      this.#wake();
    } catch (error) {
      this.#tell({ error });
    }
  }

  /** @param {Item} item */
  #start(item) {
    const stop = new AbortController();
    this.#underWay.add(stop);
    this.#held += 1;
    outcome(item, (file) => this.#work(file, stop.signal))
      .then((event) => this.#tell(event), (error) => this.#tell({ error }))
      .finally(() => this.#underWay.delete(stop));
  }

  /** @param {Event} event */
  #tell(event) {
    this.#events.push(event);
    this.#wake();
  }

  #aborted = () => {
    this.#events.unshift({ error: this.#signals.find((signal) => signal.aborted)?.reason });
    this.#wake();
  };

  async #leave() {
    this.#left = true;
    for (const signal of this.#signals) signal.removeEventListener("abort", this.#aborted);
    for (const stop of this.#underWay) stop.abort(new DOMException("the batch was left", "AbortError"));
    if (this.#more) await leave(this.#source, this.#asking);
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
