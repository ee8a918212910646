/**
 * Of something there is only so much: work that needs some of it begins as soon as there is enough, in the order in which it was
 * asked for. Nothing may need more than there is.
 * @param {number} free
 */
export function budget(free) {
  /** @type {{ need: number, begin: () => void }[]} */
  const waiting = [];

  function serve() {
    for (let next = waiting[0]; next && next.need <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.need;
      next.begin();
    }
  }

  /** @template T @param {number} need @param {() => Promise<T>} work @returns {Promise<T>} */
  return async function within(need, work) {
    await new Promise((/** @type {(value: void) => void} */ begin) => {
      waiting.push({ need, begin });
      serve();
    });
    try {
      return await work();
    } finally {
      free += need;
      serve();
    }
  };
}
