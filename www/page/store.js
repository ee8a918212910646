// The page's one state. Modules change it with `update`; views draw again in the next frame.

/** @typedef {import('../lib/index.js').Outcome} Outcome */
/** @typedef {import('../lib/index.js').Rule} Rule */
/** A file that was added; `name` is the user's own and stays on the screen. @typedef {{ name: string, file: Blob, outcome: Outcome | null }} Entry */
/** @typedef {{ preset: string, project: string, text: string, key: string }} Settings */
/** @typedef {'all' | 'clean' | 'warnings' | 'refused' | 'left-out'} Filter */
/** What is being done now. @typedef {'idle' | 'working' | 'saving'} Phase */

export const state = {
  phase: /** @type {Phase} */ ('idle'),
  /** Folders are still being read: more files may come. */
  reading: 0,
  entries: /** @type {Entry[]} */ ([]),
  /** Entries from here on have not been handed to the engine. */
  next: 0,
  done: 0,
  doneBytes: 0,
  startedAt: 0,
  /** Length of the last run, in milliseconds. */
  took: 0,
  settings: /** @type {Settings} */ ({ preset: 'default', project: '', text: '', key: '' }),
  /** The settings that made the outcomes. */
  applied: /** @type {Settings | null} */ (null),
  settingsError: '',
  /** A failure to tell: of the page, never of one file. */
  failure: '',
  filter: /** @type {Filter} */ ('all'),
  page: 0,
  selected: /** @type {Entry | null} */ (null),
  saved: { done: 0, total: 0 },
  rules: /** @type {Rule[] | null} */ (null),
  rulesQuery: '',
  rulesPage: 0,
};

/** @type {Set<() => void>} */
const views = new Set();
let scheduled = false;

/** @param {Partial<typeof state>} patch */
export function update(patch) {
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

/** Whether the shown outcomes were made with other settings than those in the form. */
export function isStale() {
  return state.applied !== null && JSON.stringify(state.applied) !== JSON.stringify(state.settings);
}
