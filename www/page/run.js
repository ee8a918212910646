// Takes files in and has them worked on: reading folders and working go on side by side.

import { intake } from "../lib/index.js";
import { announce, messageOf, plural } from "./dom.js";
import { deidentifier } from "./engine.js";
import { filtersOf, noFiles, settingsAreGood, state, update } from "./store.js";

/**
 * @import { Item, Outcome } from "../lib/types.js"
 * @import { Entry } from "./store.js"
 */

let reading = new AbortController();
let working = new AbortController();
let wake = () => {};
/** The run under way, settled when it has ended. */
let run = Promise.resolve();

/** Takes what was dropped or chosen, and starts on it. Call it in the event's handler. @param {DataTransfer | FileList} source */
export function add(source) {
  const items = intake(source);
  if (reading.signal.aborted) reading = new AbortController();
  read(items, reading.signal);
  start();
}

/** Works on what is not done yet. */
export function start() {
  if (state.working) return wake();
  if (!settingsAreGood()) return announce("The files wait: the settings have an error.");
  working = new AbortController();
  run = work(working.signal);
}

/** Stops reading folders and working; what is done stays. */
export function cancel() {
  reading.abort();
  return halt();
}

/** Stops working, to begin again: folders are read on. */
function halt() {
  working.abort();
  wake();
  return run;
}

/** Works on all files again, with the settings as they are now. */
export async function again() {
  await halt();
  for (const entry of state.entries) Object.assign(entry, { outcome: null, choice: undefined });
  update({ done: 0, doneBytes: 0, tally: noFiles(), page: 0, saved: "" });
  start();
}

/** Forgets all files. */
export async function clear() {
  await cancel();
  update({ entries: [], done: 0, doneBytes: 0, tally: noFiles(), page: 0, filter: "all", applied: null, saved: "", failure: "" });
  announce("The list is empty.");
}

/** @param {AsyncIterable<Item>} items @param {AbortSignal} signal */
async function read(items, signal) {
  update({ reading: state.reading + 1, failure: "", saved: "" });
  try {
    for await (const item of items) {
      if (signal.aborted) break;
      state.entries.push({ item, outcome: null });
      wake();
      update();
    }
  } catch (error) {
    update({ failure: messageOf(error) });
  }
  update({ reading: state.reading - 1 });
  wake();
}

/** @param {AbortSignal} signal */
async function work(signal) {
  // What is in the list was made with the settings applied: until others are, what comes later is, too.
  const settings = state.done > 0 && state.applied ? state.applied : { ...state.settings };
  update({ working: true, failure: "", applied: settings, since: { done: state.done, bytes: state.doneBytes, at: performance.now() } });
  announce("Working on the files.");
  try {
    const engine = await deidentifier(settings);
    // Files may still come while the last of a batch are under way: then there is another batch.
    while (!signal.aborted && (state.reading > 0 || state.entries.some(isOpen)))
      for await (const outcome of engine.deidentifyAll(waiting(signal), { signal })) settle(outcome);
  } catch (error) {
    if (!signal.aborted) update({ failure: messageOf(error) });
  }
  update({ working: false });
  announce(summary());
}

/** Files not done yet, under their number: names stay here. @param {AbortSignal} signal @returns {AsyncGenerator<Item, void, undefined>} */
async function* waiting(signal) {
  for (let at = 0; !signal.aborted; ) {
    if (at < state.entries.length) {
      const entry = state.entries[at];
      if (isOpen(entry)) yield { ...entry.item, name: String(at) };
      at += 1;
    } else if (state.reading > 0) {
      await new Promise((resolve) => (wake = () => resolve(undefined)));
    } else {
      return;
    }
  }
}

/** @param {Outcome} outcome */
function settle(outcome) {
  const entry = state.entries[Number(outcome.source)];
  entry.outcome = outcome;
  for (const filter of filtersOf(entry)) state.tally[filter] += 1;
  update({ done: state.done + 1, doneBytes: state.doneBytes + (entry.item.file?.size ?? 0) });
}

/** @param {Entry} entry */
const isOpen = (entry) => entry.outcome === null;

function summary() {
  const { tally, entries, done } = state;
  const look = tally.risky ? ` ${tally.risky} of them to look at.` : "";
  const clean = `${plural(tally.clean, "file")} clean, ${tally.refused} refused, ${tally["left-out"]} left out.`;
  return done < entries.length ? `Stopped. ${clean}${look}` : `Done. ${clean}${look}`;
}
