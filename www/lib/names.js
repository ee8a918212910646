/**
 * Names that are used once: the second of the same gets `-2` before its extension, the third `-3`. Case does not tell
 * names apart: it does not on macOS and Windows.
 * @returns {(name: string) => string}
 */
export function distinct() {
  /** @type {Map<string, number>} how often a name was asked for */
  const seen = new Map();
  /** @param {string} name */
  const used = (name) => seen.has(name.toLowerCase());
  return (name) => {
    let result = name;
    for (let count = seen.get(name.toLowerCase()) ?? 0; used(result); ) result = numbered(name, ++count === 1 ? ++count : count);
    seen.set(name.toLowerCase(), (seen.get(name.toLowerCase()) ?? 0) + 1);
    if (result !== name) seen.set(result.toLowerCase(), 1);
    return result;
  };
}

/** @param {string} name @param {number} count */
function numbered(name, count) {
  return name.replace(/(\.[^./]*)?$/, (extension) => `-${count}${extension}`);
}
