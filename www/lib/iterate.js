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
 * Rejects with the signal's reason when it is aborted.
 * @param {AbortSignal} signal
 * @returns {Promise<never>}
 */
export function aborted(signal) {
  /** @type {Promise<never>} */
  const promise = new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  promise.catch(() => {});
  return promise;
}

/**
 * The same items, until the signal is aborted: then it throws the signal's reason, even while the source is asked.
 * @template T
 * @param {AsyncIterable<T> | Iterable<T>} source
 * @param {AbortSignal} [signal]
 */
export async function* until(source, signal) {
  if (!signal) return yield* source;
  const steps = iterator(source);
  const end = aborted(signal);
  let asked = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      asked = true;
      const { done, value } = await Promise.race([end, steps.next()]);
      asked = false;
      if (done) return;
      yield value;
    }
  } finally {
    const closed = Promise.resolve(steps.return?.()).catch(() => {});
    if (!asked) await closed;
  }
}
