/**
 * Names that are used once: the second of the same gets `-2` before its extension, the third `-3`. Case does not tell
 * names apart: it does not on macOS and Windows.
 * @returns {(name: string) => string}
 */
export function distinct() {
  /** @type {Set<string>} */
  const taken = new Set();
  return (name) => {
    let result = name;
    for (let count = 2; taken.has(result.toLowerCase()); count++) result = numbered(name, count);
    taken.add(result.toLowerCase());
    return result;
  };
}

/**
 * @param {string} name
 * @param {number} count
 */
const numbered = (name, count) => name.replace(/(\.[^./]*)?$/, (extension) => `-${count}${extension}`);
