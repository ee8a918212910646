// Long lists, a page at a time: the document stays small whatever is dropped.

import { h } from "preact";

/**
 * The part of a list that page `page` shows; a page past the end is the last one.
 * @template T
 * @param {T[]} all @param {number} page @param {number} size
 */
export function pageOf(all, page, size) {
  const last = Math.max(0, Math.ceil(all.length / size) - 1);
  const at = Math.min(page, last);
  return { at, last, from: at * size, rows: all.slice(at * size, (at + 1) * size), total: all.length };
}

/** @param {{ at: number, last: number, from: number, rows: unknown[], total: number, what: string, go: (page: number) => void }} props */
export function Pager({ at, last, from, rows, total, what, go }) {
  if (last === 0) return null;
  const number = (/** @type {number} */ n) => n.toLocaleString("en");
  return h("nav", { class: "pager", "aria-label": `Pages of ${what}` },
    h("button", { type: "button", disabled: at === 0, onClick: () => go(at - 1) }, "Previous"),
    h("span", null, `${number(from + 1)}–${number(from + rows.length)} of ${number(total)}`),
    h("button", { type: "button", disabled: at === last, onClick: () => go(at + 1) }, "Next"));
}
