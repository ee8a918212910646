// The report of a batch, in the form that the command writes too. It holds no name and no value of the input.

import { patients } from "../lib/index.js";
import { isRisky, riskCounts } from "./risks.js";
import { state } from "./store.js";

/**
 * @import { Counts, Outcome } from "../lib/types.js"
 * @import { Entry } from "./store.js"
 */

/** @returns {Blob} */
export function report() {
  const done = state.entries.flatMap(({ outcome, choice }) => (outcome ? [{ outcome, choice }] : []));
  const { engine, edition } = state.version;
  const content = { engine, edition, files: done.map(line), summary: summary(done.map(({ outcome }) => outcome)) };
  return new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
}

/**
 * What became of a file; `index` is its place in the list, from 1. `choice` is what the user has said about a risky one,
 * and is missing as long as nothing was said.
 * @param {{ outcome: Outcome, choice: Entry["choice"] }} done
 * @param {number} at
 */
function line({ outcome, choice }, at) {
  const index = at + 1;
  if (outcome.ok) return { index, ...outcome.report, choice };
  const { code, message, path, offset, leftOut } = outcome.error;
  return { index, leftOut: leftOut || undefined, error: { code, message, path, offset } };
}

/** @param {Outcome[]} outcomes */
function summary(outcomes) {
  const reports = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.report] : []));
  const leftOut = state.tally["left-out"];
  return {
    inputs: state.entries.length,
    done: reports.length,
    leftOut,
    refused: outcomes.length - reports.length - leftOut,
    ...mixedUp(),
    inputBytes: sum(reports.map(({ inputBytes }) => inputBytes)),
    outputBytes: sum(reports.map(({ outputBytes }) => outputBytes)),
    risks: riskCounts(),
    choices: choices(),
    counts: Object.fromEntries(COUNTS.map((name) => [name, sum(reports.map(({ counts }) => counts[name]))])),
  };
}

/** What the user has said about the files that should be looked at. */
function choices() {
  const of = (/** @type {Entry["choice"]} */ choice) => state.entries.filter((entry) => isRisky(entry) && entry.choice === choice).length;
  return { saved: of("saved"), leftOut: of("left out"), notYet: of(undefined) };
}

/** @type {(keyof Counts)[]} */
const COUNTS = ["kept", "removed", "emptied", "replaced", "uids", "inserted"];

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** Patients that share a new Patient ID, and those that have several. */
export const mixedUp = () => patients(state.entries.flatMap(({ outcome }) => outcome ?? []));
