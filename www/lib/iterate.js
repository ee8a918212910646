/**
 * @template T
 * @param {AsyncIterable<T> | Iterable<T>} source
 * @returns {{ next(): Promise<IteratorResult<T>>, return?(): unknown }}
 */
export function iterator(source) {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  const steps = source[Symbol.iterator]();
  return { next: async () => steps.next(), return: () => steps.return?.() };
}

/**
 * The same promise, except that it rejects with the signal's reason when that is aborted first. (`Promise.race` with a
 * promise that lives as long as a batch would keep every result alive as long.)
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export function unlessAborted(promise, signal) {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/**
 * Ends a source early. One that is asked and does not answer would hold that up for ever: it is told, and not waited for.
 * @param {{ return?(): unknown }} source
 * @param {boolean} asked
 */
export async function leave(source, asked) {
  const left = Promise.resolve(source.return?.()).catch(() => {});
  if (!asked) await left;
}

/**
 * The same items, until the signal is aborted: then it throws the signal's reason, even while the source is asked.
 * @template T
 * @param {AsyncIterable<T> | Iterable<T>} source
 * @param {AbortSignal} [signal]
 */
export async function* until(source, signal) {
  const steps = iterator(source);
  let asked = false;
  let over = false;
  try {
    while (!over) {
      asked = true;
      const { done, value } = await unlessAborted(steps.next(), signal);
      asked = false;
      over = done === true;
      if (!over) yield value;
    }
  } finally {
    if (!over) await leave(steps, asked);
  }
}

/**
 * Does something with each item, so many at the same time. When one fails no other is begun; those that were are waited
 * for, and the first error is thrown.
 * @template T
 * @param {AsyncIterable<T>} items
 * @param {number} most
 * @param {(item: T) => Promise<void>} work
 */
export async function inLanes(items, most, work) {
  /** @type {Set<Promise<void>>} */
  const open = new Set();
  /** @type {{ error: unknown } | undefined} */
  let failed;
  try {
    for await (const item of items) {
      const one = work(item)
        .catch((error) => void (failed ??= { error }))
        .finally(() => open.delete(one));
      open.add(one);
      if (open.size >= most) await Promise.race(open);
      if (failed) break;
    }
  } finally {
    await Promise.all(open);
  }
  if (failed) throw /** @type {{ error: unknown }} */ (failed).error;
}
