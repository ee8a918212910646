// Tables that become cards on narrow screens. The roles are written out: CSS that changes `display` takes the native ones away.

import { h } from "./vendor/preact.js";

/** @import { ComponentChildren } from "./vendor/preact.js" */

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
