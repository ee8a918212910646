// The table of files: what became of each.

import { save } from "../lib/index.js";
import { showChanges } from "./changes.js";
import { byId, plural, sentence } from "./dom.js";
import { Pager, pageOf } from "./paged.js";
import { ask } from "./risks.js";
import { filtersOf, kindOf, state, update, watch } from "./store.js";
import { Row, Table } from "./table.js";
import { h, render } from "preact";

/**
 * @import { Counts, RiskNote } from "../lib/types.js"
 * @import { Entry, Filter, Kind } from "./store.js"
 */

const SIZE = 25;

/** @type {Record<Kind, string>} */
const WORDS = { waiting: "Waiting", clean: "Clean", risky: "Clean, look at it", warnings: "Clean, see notes", refused: "Refused", "left-out": "Left out" };

/** @type {[Filter, string][]} */
const FILTERS = [["all", "All"], ["clean", "Clean"], ["risky", "To look at"], ["warnings", "With notes"], ["refused", "Refused"], ["left-out", "Left out"]];

export function filesTable() {
  watch(() => render(h(Files, null), byId("table")));
}

function Files() {
  if (state.entries.length === 0) return h(Empty, null);
  const shown = state.filter === "all" ? state.entries : state.entries.filter(inFilter);
  const page = pageOf(shown, state.page, SIZE);
  const rows = page.rows.map((entry) => h(FileRow, { entry }));
  return [
    h("div", { class: "filters", role: "group", "aria-label": "Which files are shown" }, FILTERS.map(([filter, word]) => h(FilterButton, { filter, word }))),
    h(Table, { class: "files", label: "Files", head: ["Result", "File", "What changed", "Actions"], rows }),
    page.total === 0 && h("p", { class: "quiet" }, "No such files."),
    h(Pager, { ...page, what: "the files", go: (at) => update({ page: at }) }),
  ];
}

function Empty() {
  return h("div", { class: "empty quiet" },
    h("p", null, "No files yet. For each file you add, this list shows:"),
    h("ul", null,
      h("li", null, "its new name, made of replacement numbers only,"),
      h("li", null, "how many entries were removed, emptied or replaced, and every one of them on request,"),
      h("li", null, "whether its picture should be looked at before you pass it on,"),
      h("li", null, "the reason, if a file cannot be cleaned safely: such a file is never saved.")));
}

/** @param {{ filter: Filter, word: string }} props */
function FilterButton({ filter, word }) {
  const { tally, entries } = state;
  const count = filter === "all" ? entries.length : tally[filter];
  return h("button", { type: "button", "aria-pressed": state.filter === filter, onClick: () => update({ filter, page: 0 }) },
    `${word} `, h("span", { class: "count" }, count.toLocaleString("en")));
}

/** @param {Entry} entry */
const inFilter = (entry) => filtersOf(entry).some((filter) => filter === state.filter);

/** @param {{ entry: Entry }} props */
function FileRow({ entry }) {
  const kind = kindOf(entry);
  return h(Row, { class: kind, cells: [
    ["result", h("span", { class: `badge ${kind}` }, WORDS[kind])],
    ["file", h(Name, { entry })],
    ["what", h(What, { entry })],
    ["actions", h(Actions, { entry })],
  ] });
}

/** @param {{ entry: Entry }} props */
function Name({ entry: { item, outcome } }) {
  const path = outcome?.ok ? outcome.name : item.name;
  const cut = path.lastIndexOf("/") + 1;
  return [
    h("bdi", { class: "name" }, path.slice(cut) || "(no name)"),
    outcome?.ok && h("bdi", { class: "path", title: path }, path.slice(0, cut)),
    outcome?.ok && h("span", { class: "path" }, "was ", h("bdi", null, item.name)),
  ];
}

/** @param {{ entry: Entry }} props */
function What({ entry: { outcome } }) {
  if (!outcome) return null;
  if (!outcome.ok) return h("span", null, sentence(outcome.error.message), outcome.error.path && h("code", null, ` ${outcome.error.path}`));
  const { counts, risks, warnings } = outcome.report;
  // What passes is noted in the panel of the file and in the report: most CT and MR images have such a note.
  const notes = [...risks.filter(({ policy }) => policy !== "pass").map(riskNote), ...warnings];
  return [
    h("span", null, countsText(counts)),
    notes.length > 0 && h("ul", { class: "notes" }, notes.slice(0, 3).map(({ path, message }) => h("li", null, sentence(message), path && h("code", null, ` ${path}`))),
      notes.length > 3 && h("li", null, `and ${plural(notes.length - 3, "more note")}`)),
  ];
}

/** @param {RiskNote} risk */
const riskNote = ({ policy, path, message }) => ({ path, message: policy === "blank" ? "the document was replaced by a blank one" : message });

/** @param {Counts} counts */
function countsText({ removed, emptied, replaced, uids, inserted }) {
  /** @type {[number, string][]} */
  const parts = [[removed, "removed"], [emptied, "emptied"], [replaced, "replaced"], [uids, uids === 1 ? "UID" : "UIDs"], [inserted, "added"]];
  return parts.filter(([n]) => n > 0).map(([n, word]) => `${n.toLocaleString("en")}\u00a0${word}`).join(" · ") || "nothing";
}

/** @param {{ entry: Entry }} props */
function Actions({ entry }) {
  const { outcome } = entry;
  if (!outcome?.ok) return null;
  const name = outcome.name.slice(outcome.name.lastIndexOf("/") + 1);
  return [
    h("button", { type: "button", "aria-label": `Changes in ${name}`, onClick: () => showChanges(entry) }, "Changes"),
    h("button", { type: "button", "aria-label": `Save ${name}`, onClick: () => ask([entry], "Saves one file", () => save(outcome.blob, outcome.name)) }, "Save"),
  ];
}
