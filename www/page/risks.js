// Risky content: what it is in plain words, and the question that comes before such files are saved.

import { announce, byId, plural } from "./dom.js";
import { state, update } from "./store.js";
import { h, render } from "preact";

/**
 * @import { Risk, RiskNote } from "../lib/types.js"
 * @import { Entry } from "./store.js"
 */

/** One of a class, several, and what may be seen on them; the gravest first. @type {[Risk, string, string, string][]} */
const CLASSES = [
  ["documents", "document", "documents", "names can stand anywhere in a document"],
  ["slide-label", "slide label", "slide labels", "the label can be read"],
  ["burned-in", "picture with text", "pictures with text", "text is burned in, by their own word"],
  ["secondary-capture", "captured or scanned picture", "captured or scanned pictures", "whatever was on the screen or paper shows"],
  ["screen-save", "saved screen", "saved screens", "names mostly stand at the edge"],
  ["ultrasound", "ultrasound picture", "ultrasound pictures", "names often stand at the edge"],
  ["faces", "head scan", "head scans", "a face can be made out"],
  ["unstated", "other picture", "other pictures", "not stated to be free of text"],
  ["unstated-slices", "CT, MR, PET or nuclear medicine picture", "CT, MR, PET or nuclear medicine pictures", "not stated to be free of text"],
];

/** What must be looked at before it is passed on. @param {Entry} entry @returns {RiskNote[]} */
export const warned = ({ outcome }) => (outcome?.ok ? outcome.report.risks.filter(({ policy }) => policy === "warn") : []);

/** @param {Entry} entry */
export const isRisky = (entry) => warned(entry).length > 0;

/** What is asked, while it is asked. @typedef {{ risky: Entry[], others: number, what: string, save: (without: Set<Entry>) => void }} Question */

/** @type {Question | null} */
let question = null;

const dialog = () => /** @type {HTMLDialogElement} */ (byId("confirm"));

export function riskQuestion() {
  dialog().addEventListener("close", () => draw(null));
}

/**
 * Calls `save` at once if none of the files is risky, else when the user has said what becomes of those that are.
 * @param {Entry[]} entries
 * @param {string} what
 * @param {(without: Set<Entry>) => void} save
 */
export function ask(entries, what, save) {
  const risky = entries.filter(isRisky);
  if (risky.length === 0) return save(new Set());
  draw({ risky, others: entries.length - risky.length, what, save });
  dialog().showModal();
}

/** @param {"saved" | "left out"} choice */
function answer(choice) {
  if (!question) return;
  const { risky, save } = question;
  // What was saved once is out: it cannot be left out any more.
  for (const entry of risky) if (entry.choice !== "saved") entry.choice = choice;
  dialog().close();
  save(new Set(choice === "saved" ? [] : risky));
}

function show() {
  dialog().close();
  update({ filter: "risky", page: 0 });
  byId("table").scrollIntoView({ block: "start" });
  byId("results").focus({ preventScroll: true });
  announce("The list shows the files to look at.");
}

/** @param {Question | null} next */
function draw(next) {
  question = next;
  render(question && h(Panel, question), dialog());
}

/** @param {Question} props */
function Panel({ risky, others, what }) {
  const all = risky.length;
  return h("div", { class: "question" },
    h("h2", { id: "confirm-title" }, "Look before you pass them on"),
    h("p", null, h("strong", null, plural(all, "file")), " may still show who the patient is. Lethe has not looked at the pictures:"),
    h("ul", null, countsOf(risky).map(([count, one, many, why]) => h("li", null, h("strong", null, plural(count, one, many)), `: ${why}`))),
    h("p", { class: "quiet" }, "Open them in a viewer. Save them only if nothing in the picture tells who it is, or if the receiver may know."),
    h("p", { class: "buttons" },
      others > 0 && h("button", { type: "button", class: "primary", autofocus: true, onClick: () => answer("left out") }, all === 1 ? "Leave it out" : `Leave these ${all.toLocaleString("en")} out`),
      h("button", { type: "button", onClick: () => answer("saved") }, others > 0 ? `Save all ${(all + others).toLocaleString("en")}` : all === 1 ? "Save it" : "Save all"),
      all + others > 1 && h("button", { type: "button", onClick: show }, all === 1 ? "Show it" : "Show them"),
      h("button", { type: "button", autofocus: others === 0, onClick: () => dialog().close() }, "Cancel")),
    h("p", { class: "quiet" }, `${what}. Your choice is written in the report.`));
}

/** How many files of each class there are; each file counts once, in its gravest class. @param {Entry[]} risky @returns {[number, string, string, string][]} */
function countsOf(risky) {
  const classes = risky.map((entry) => warned(entry)[0].class);
  return CLASSES.map(([name, ...words]) => /** @type {[number, string, string, string]} */ ([classes.filter((other) => other === name).length, ...words])).filter(([count]) => count > 0);
}

/** How many files have which class, by what was done. @returns {Record<string, Record<string, number>>} */
export function riskCounts() {
  /** @type {Record<string, Record<string, number>>} */
  const counts = {};
  const note = (/** @type {string} */ name, /** @type {string} */ policy) => ((counts[name] ??= {})[policy] = (counts[name][policy] ?? 0) + 1);
  for (const { outcome } of state.entries) {
    if (outcome?.ok) for (const risk of outcome.report.risks) note(risk.class, risk.policy);
    else if (outcome?.error.code.startsWith("risk-")) note(outcome.error.code.slice("risk-".length), "refuse");
  }
  return counts;
}
