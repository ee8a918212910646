// The report of a batch, in the form that the command writes too. It holds no name and no value of the input.

import { state } from "./store.js";

/**
 * @import { Counts, Outcome } from "../lib/types.js"
 */

/** @returns {Blob} */
export function report() {
  const outcomes = state.entries.flatMap(({ outcome }) => outcome ?? []);
  const { engine, edition } = state.version;
  const content = { engine, edition, files: outcomes.map(line), summary: summary(outcomes) };
  return new Blob([JSON.stringify(content, null, 1)], { type: "application/json" });
}

/** What became of a file; `index` is its place in the list, from 1. @param {Outcome} outcome @param {number} at */
function line(outcome, at) {
  const index = at + 1;
  if (outcome.ok) return { index, ...outcome.report };
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
    collisions: collisions(),
    inputBytes: sum(reports.map(({ inputBytes }) => inputBytes)),
    outputBytes: sum(reports.map(({ outputBytes }) => outputBytes)),
    counts: Object.fromEntries(COUNTS.map((name) => [name, sum(reports.map(({ counts }) => counts[name]))])),
  };
}

/** @type {(keyof Counts)[]} */
const COUNTS = ["kept", "removed", "emptied", "replaced", "uids", "inserted"];

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** How many patients have a new Patient ID that another patient has as well. */
export function collisions() {
  /** @type {Map<string, Set<string>>} tokens of patients, by their new Patient ID */
  const patients = new Map();
  for (const { outcome } of state.entries) {
    if (!outcome?.ok) continue;
    const id = outcome.name.split("/")[0];
    patients.set(id, (patients.get(id) ?? new Set()).add(outcome.report.patient));
  }
  return sum([...patients.values()].map(({ size }) => (size > 1 ? size : 0)));
}
