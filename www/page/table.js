// Tables that become cards on narrow screens. The roles are written out: CSS that changes `display` takes the native ones away.

import { h } from "preact";

/** @import { ComponentChildren } from "preact" */

/** @param {{ class: string, label: string, head: string[], rows: ComponentChildren }} props */
export function Table({ class: name, label, head, rows }) {
  return h("table", { class: name, role: "table", "aria-label": label },
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head.map((title) => h("th", { role: "columnheader", scope: "col" }, title)))),
    h("tbody", { role: "rowgroup" }, rows));
}

/** @param {{ class?: string, cells: [string, ComponentChildren][] }} props each cell: its class, its content */
export function Row({ class: name, cells }) {
  return h("tr", { role: "row", class: name }, cells.map(([cell, content]) => h("td", { role: "cell", class: cell }, content)));
}

/** A path of tags, that breaks between them and not within one. @param {string} path */
export function tagPath(path) {
  return h("code", null, path.split(/(?<=\.)/).flatMap((tag) => [tag, h("wbr", null)]));
}

/** A keyword, that breaks between its words. @param {string} keyword */
export function words(keyword) {
  return keyword.split(/(?=[A-Z][a-z])/).flatMap((word) => [word, h("wbr", null)]);
}
