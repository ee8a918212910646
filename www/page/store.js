// The page's one state. Modules change it with `update`; views draw again in the next frame.

/** @import { Item, Outcome, Rule, SettingsWarning } from "../lib/types.js" */

/**
 * A file that was added. Its name is the user's own and stays on the screen.
 * @typedef {{ item: Item, outcome: Outcome | null, choice?: "saved" | "left out" }} Entry what was chosen for it, if it is risky
 * @typedef {{ preset: string, options: string[], project: string, text: string, key: string, lookup: number, keep: boolean }} Settings
 * @typedef {{ message: string, line?: number, column?: number }} SettingsProblem
 * @typedef {"waiting" | "clean" | "risky" | "warnings" | "refused" | "left-out"} Kind
 * @typedef {"all" | "clean" | "risky" | "warnings" | "refused" | "left-out"} Filter
 */

export const state = {
  /** The engine is compiled. */
  ready: false,
  version: { engine: "", edition: "", sums: {} },
  entries: /** @type {Entry[]} */ ([]),
  /** How many drops are still being read: more files may come. */
  reading: 0,
  working: false,
  /** Files done, of all entries, and bytes; `since` is what the run began with, for its rate. */
  done: 0,
  doneBytes: 0,
  since: { done: 0, bytes: 0, at: 0 },
  tally: noFiles(),
  settings: /** @type {Settings} */ ({ preset: "default", options: [], project: "", text: "", key: "", lookup: 0, keep: false }),
  /** The settings that made the outcomes. */
  applied: /** @type {Settings | null} */ (null),
  problem: /** @type {SettingsProblem | null} */ (null),
  keyProblem: "",
  lookupProblem: "",
  /** How many rows the table has. */
  rows: 0,
  hints: /** @type {SettingsWarning[]} */ ([]),
  projects: /** @type {string[]} */ ([]),
  /** What went wrong with the work as a whole, never with one file. */
  failure: "",
  filter: /** @type {Filter} */ ("all"),
  page: 0,
  saving: /** @type {{ what: string, files: number, total: number } | null} */ (null),
  saved: "",
  /** What the settings do, while it is shown. */
  rules: /** @type {Rule[] | null} */ (null),
};

/** @type {Set<() => void>} */
const views = new Set();
let scheduled = false;

/** @param {Partial<typeof state>} patch */
export function update(patch = {}) {
  Object.assign(state, patch);
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    for (const view of views) view();
  });
}

/** Calls `view` now and after every change. @param {() => void} view */
export function watch(view) {
  views.add(view);
  view();
}

/** How many files each filter shows. @returns {Record<Exclude<Filter, "all">, number>} */
export function noFiles() {
  return { clean: 0, risky: 0, warnings: 0, refused: 0, "left-out": 0 };
}

/** The gravest thing to say about a file. @param {Entry} entry @returns {Kind} */
export function kindOf({ outcome }) {
  if (!outcome) return "waiting";
  if (!outcome.ok) return outcome.error.leftOut ? "left-out" : "refused";
  const { risks, warnings } = outcome.report;
  if (risks.some(({ policy }) => policy === "warn")) return "risky";
  return warnings.length || risks.some(({ policy }) => policy === "blank") ? "warnings" : "clean";
}

/** The filters that show a file, beside that for all. @param {Entry} entry @returns {Exclude<Filter, "all">[]} */
export function filtersOf(entry) {
  const kind = kindOf(entry);
  if (kind === "waiting") return [];
  if (!entry.outcome?.ok) return [/** @type {"refused" | "left-out"} */ (kind)];
  const hasNotes = kind === "warnings" || entry.outcome.report.warnings.length > 0;
  return ["clean", ...(kind === "risky" ? [kind] : []), ...(hasNotes ? [/** @type {const} */ ("warnings")] : [])];
}

/** Files that can be saved. */
export const cleanFiles = () => state.tally.clean;

/** Whether nothing is wrong with the settings in the form. */
export const settingsAreGood = () => !state.problem && !state.keyProblem && !state.lookupProblem;

/** Whether the outcomes shown were made with other settings than those in the form. */
export function isStale() {
  return state.applied !== null && JSON.stringify(state.applied) !== JSON.stringify(state.settings);
}
