// A panel with every element of one file: what it was, what it becomes, and which rule says so.

import { byId, messageOf, plural, sentence } from "./dom.js";
import { deidentifier } from "./engine.js";
import { Pager, pageOf } from "./paged.js";
import { state } from "./store.js";
import { Row, Table, tagPath, words } from "./table.js";
import { h, render } from "preact";

/**
 * @import { Change, RiskNote } from "../lib/types.js"
 * @import { Entry } from "./store.js"
 */

const SIZE = 100;

/** The panel's own state: it is drawn by what happens in it, not by the batch. Values go when it is closed. */
let view = closed();

function closed() {
  return { entry: /** @type {Entry | null} */ (null), changes: /** @type {Change[] | null} */ (null), failure: "", onlyChanges: true, query: "", page: 0 };
}

const dialog = () => /** @type {HTMLDialogElement} */ (byId("changes"));

export function changesPanel() {
  dialog().addEventListener("close", () => draw(closed()));
  dialog().addEventListener("click", (event) => event.target === dialog() && dialog().close());
}

/** @param {Entry} entry */
export async function showChanges(entry) {
  draw({ ...closed(), entry, onlyChanges: view.onlyChanges, query: view.query });
  if (!dialog().open) dialog().showModal();
  try {
    if (!entry.item.file || !state.applied) return;
    const changes = await (await deidentifier(state.applied)).inspect(entry.item.file);
    if (view.entry === entry) draw({ changes });
  } catch (error) {
    if (view.entry === entry) draw({ failure: messageOf(error) });
  }
}

/** @param {Partial<typeof view>} patch */
function draw(patch) {
  view = { ...view, ...patch };
  render(view.entry && h(Panel, { entry: view.entry }), dialog());
}

/** @param {{ entry: Entry }} props */
function Panel({ entry: { item, outcome } }) {
  const name = outcome?.ok ? outcome.name : "";
  return h("div", { class: "sheet" },
    h("header", null,
      h("h2", { id: "changes-title" }, "Changes in ", h("bdi", null, name.slice(name.lastIndexOf("/") + 1))),
      h("button", { type: "button", class: "close", onClick: () => dialog().close() }, "Close"),
      h("p", { class: "path" }, h("bdi", null, name), h("br", null), "was ", h("bdi", null, item.name)),
      outcome?.ok && h(Risks, { risks: outcome.report.risks }),
      h("p", { class: "notice" }, "The column “Before” shows the patient’s data, on this screen only."),
      h(Tools, null)),
    h(List, null));
}

/** What is risky in the file, and which setting says what becomes of it. @param {{ risks: RiskNote[] }} props */
function Risks({ risks }) {
  if (risks.length === 0) return null;
  return h("ul", { class: "risks", "aria-label": "What rules do not reach" }, risks.map(({ class: name, policy, path, message }) =>
    h("li", { class: policy }, h("strong", null, POLICIES[policy]), ` ${sentence(message)} `, h("code", null, path), h("span", { class: "quiet" }, ` Setting: risk_${name.replaceAll("-", "_")} = ${policy}`))));
}

/** @type {Record<RiskNote["policy"], string>} */
const POLICIES = { warn: "Look at it:", pass: "Noted:", blank: "Replaced by a blank one:" };

function Tools() {
  const at = state.entries.findIndex((entry) => entry === view.entry);
  const next = state.entries.slice(at + 1).find(isDone);
  const previous = state.entries.slice(0, Math.max(0, at)).findLast(isDone);
  return h("div", { class: "tools" },
    h("label", null, "Search ", h("input", { type: "search", value: view.query, onInput: (event) => draw({ query: event.currentTarget.value, page: 0 }) })),
    h("label", { class: "check" }, h("input", { type: "checkbox", checked: view.onlyChanges, onChange: (event) => draw({ onlyChanges: event.currentTarget.checked, page: 0 }) }), " Only changes"),
    h("span", { class: "buttons" },
      h("button", { type: "button", disabled: !previous, onClick: () => previous && showChanges(previous) }, "Previous file"),
      h("button", { type: "button", disabled: !next, onClick: () => next && showChanges(next) }, "Next file")));
}

/** @param {Entry} entry */
const isDone = ({ outcome }) => outcome?.ok === true;

function List() {
  if (view.failure) return h("p", { class: "problem", role: "alert" }, view.failure);
  if (!view.changes) return h("p", { class: "quiet", role: "status" }, "Reading the file…");
  const query = view.query.trim().toLowerCase();
  const shown = view.changes.filter((change) => (!view.onlyChanges || change.action !== "kept") && matches(change, query));
  const page = pageOf(shown, view.page, SIZE);
  return h("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "List of elements" },
    h("p", { class: "quiet", role: "status" }, plural(shown.length, "element")),
    h(Table, { class: "changes", label: "Elements", head: ["Tag", "Name", "VR", "Action", "Before", "After", "Rule"], rows: page.rows.map((change) => h(ChangeRow, { change })) }),
    h(Pager, { ...page, what: "the elements", go: (at) => draw({ page: at }) }));
}

/** @param {Change} change @param {string} query */
function matches({ path, keyword, action, because, before, after }, query) {
  return !query || [path, keyword, action, because, before, after].some((text) => text.toLowerCase().includes(query));
}

/** @param {{ change: Change }} props */
function ChangeRow({ change: { path, keyword, vr, action, because, before, after } }) {
  return h(Row, { class: action, cells: [
    ["tag", tagPath(path)],
    ["keyword", keyword ? words(keyword) : "(private or unknown)"],
    ["vr", vr],
    ["action", h("span", { class: `badge ${action}` }, action)],
    ["before", h("bdi", null, before)],
    ["after", h("bdi", null, after)],
    ["because", because],
  ] });
}
