// Small helpers around the document and around words and numbers shown in it.

/**
 * The element of index.html with this id.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 */
export function byId(id) {
  return /** @type {T} */ (document.getElementById(id));
}

/** Tells a screen reader, without moving the focus. @param {string} text */
export function announce(text) {
  byId('status').textContent = text;
}

/** `1,234 files`. @param {number} n @param {string} one @param {string} [many] */
export function plural(n, one, many = `${one}s`) {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** Bytes in decimal units, as operating systems show them. @param {number} n */
export function bytes(n) {
  if (n < 1000) return `${n} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let unit = -1;
  for (; n >= 1000 && unit < units.length - 1; unit++) n /= 1000;
  return `${n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

/** @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
