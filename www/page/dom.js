// Small helpers around the document, and around words and numbers shown in it.

/**
 * The element of index.html with this id.
 * @param {string} id
 */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} id */
export const input = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** @param {string} id */
export const button = (id) => /** @type {HTMLButtonElement} */ (byId(id));

/** Tells a screen reader, without moving the focus. @param {string} text */
export function announce(text) {
  byId("status").textContent = text;
}

/** `1,234 files`. @param {number} n @param {string} one @param {string} [many] */
export function plural(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

/** In decimal units, as systems show them. @param {number} n */
export function bytes(n) {
  if (n < 1000) return `${Math.round(n)} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let unit = -1;
  for (; n >= 1000 && unit < units.length - 1; unit++) n /= 1000;
  return `${n >= 100 ? Math.round(n) : n.toFixed(1)} ${units[unit]}`;
}

/** @param {unknown} error */
export const messageOf = (error) => (error instanceof Error ? error.message : String(error));

/** The engine's messages have no capital and no full stop. @param {string} message */
export const sentence = (message) => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
