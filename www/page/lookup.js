// The table that rules take values from: a file, held in memory and read when an engine is opened.

import { check } from "../lib/index.js";
import { announce, button, byId, input, messageOf, plural } from "./dom.js";
import { state, update, watch } from "./store.js";
import { render } from "preact";

/** @import { Settings } from "./store.js" */

/** Tables chosen so far. Settings name one by its number, from 1, so that they can be compared. @type {File[]} */
const tables = [];

/** The table that the form has; 0 if it has none. */
let chosen = 0;

export const chosenTable = () => chosen;

/** @param {Settings} settings @returns {File | undefined} */
export const tableOf = ({ lookup }) => tables[lookup - 1];

/** @param {() => void} changed called when the form has another table, or none */
export function lookupField(changed) {
  input("lookup").addEventListener("change", async () => {
    const file = input("lookup").files?.[0];
    chosen = file ? tables.push(file) : 0;
    changed();
    if (file) await read(file);
  });
  button("clear-lookup").addEventListener("click", () => {
    input("lookup").value = "";
    chosen = 0;
    update({ lookupProblem: "", rows: 0 });
    changed();
    announce("The table is forgotten.");
    input("lookup").focus();
  });
  watch(draw);
}

/** @param {File} file */
async function read(file) {
  const patch = await check([], file).then(
    ({ rows }) => ({ rows, lookupProblem: "" }),
    (error) => ({ rows: 0, lookupProblem: messageOf(error) }),
  );
  if (file === tables[chosen - 1]) update(patch);
}

function draw() {
  const { rows, lookupProblem, settings } = state;
  const hint = "For rules with @lookup(column)@. Rows are found by the Patient ID. It stays in this page’s memory.";
  render(lookupProblem, byId("lookup-error"));
  render(settings.lookup && !lookupProblem ? `${plural(rows, "row")}. ${hint}` : hint, byId("lookup-hint"));
  input("lookup").setAttribute("aria-invalid", String(lookupProblem !== ""));
  button("clear-lookup").hidden = settings.lookup === 0;
}
