// The settings form: checked while it is typed in, applied when asked.

import { check, save } from "../lib/index.js";
import { announce, button, byId, input, messageOf, plural } from "./dom.js";
import { configOf, keyText } from "./engine.js";
import { chosenTable, lookupField, tableOf } from "./lookup.js";
import { optionsOf, profileFields } from "./profile.js";
import { again } from "./run.js";

import { isStale, settingsAreGood, state, update, watch } from "./store.js";
import { h, render } from "preact";

/** @import { SettingsProblem } from "./store.js" */

/** Typing pauses this long before the settings are checked, in milliseconds. */
const PAUSE = 150;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

export function settingsForm() {
  // On a small screen the results should not be far below.
  if (!matchMedia("(min-width: 62rem)").matches) byId("more").removeAttribute("open");
  byId("settings").addEventListener("input", changed);
  lookupField(changed);
  profileFields(general);
  byId("settings").addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    await checkNow();
    if (settingsAreGood()) await again();
  });
  button("show-key").addEventListener("click", showKey);
  button("save-key").addEventListener("click", async () => save(new Blob([`${await keyText(state.settings)}\n`]), "lethe-key.txt"));
  button("load-key").addEventListener("click", () => input("key-file").click());
  input("key-file").addEventListener("change", loadKey);
  for (const id of ["show-key", "save-key", "load-key"]) button(id).disabled = false;
  watch(draw);
}

function changed() {
  update({ settings: draft(), keyProblem: keyProblem(input("key").value.trim()) });
  clearTimeout(timer);
  timer = setTimeout(checkNow, PAUSE);
}

/** What the form says. A browser may have filled it in after a reload. */
export function draft() {
  const key = input("key").value.trim().toLowerCase();
  const [preset, text] = [input("preset").value, input("rules-text").value];
  const [project, keep] = [input("project").value, input("keep").checked];
  return { preset, options: optionsOf(preset, general(text)), project, text, key, lookup: chosenTable(), keep };
}

/** What the user's own rules say in their general section; undefined if they are no JSON. @param {string} text */
export function general(text) {
  try {
    return Object(JSON.parse(text)?.general);
  } catch {
    return {};
  }
}

async function checkNow() {
  const { settings } = state;
  // A table that is none has its own message.
  const table = state.lookupProblem ? undefined : tableOf(settings);
  const patch = await check(configOf(settings), table).then(
    ({ warnings, projects }) => ({ problem: null, hints: warnings, projects }),
    (error) => ({ problem: { message: messageOf(error), line: error.line, column: error.column }, hints: [] }),
  );
  if (settings === state.settings) update(patch);
}

/** @param {string} key */
function keyProblem(key) {
  if (key === "" || /^[0-9a-f]{64}$/i.test(key)) return "";
  return /[^0-9a-f]/i.test(key) ? "The key may hold only 0–9 and a–f." : `The key has ${key.length} of 64 characters.`;
}

async function showKey() {
  input("key").value = await keyText(state.settings);
  // It is the key in use already: nothing has to be done again.
  const { key } = draft();
  update({ settings: { ...state.settings, key }, applied: state.applied && !state.applied.key ? { ...state.applied, key } : state.applied });
  input("key").focus();
  input("key").select();
}

/** The text of a file goes into the field, as if it had been typed. */
async function loadKey() {
  const file = input("key-file").files?.[0];
  if (!file) return;
  input("key").value = file.size > 1000 ? "no key" : (await file.text()).trim();
  input("key-file").value = "";
  changed();
  input("key").focus();
}

function draw() {
  const { problem, hints, entries } = state;
  render(problem && place(problem, "Error"), byId("rules-error"));
  render(hints.map((hint) => place(hint, "Note")), byId("rules-warnings"));
  render(state.keyProblem, byId("key-error"));
  render(state.projects.map((name) => h("option", { value: name })), byId("projects"));
  render(presetHint(), byId("preset-hint"));
  input("rules-text").setAttribute("aria-invalid", String(problem !== null));
  input("key").setAttribute("aria-invalid", String(state.keyProblem !== ""));
  button("apply").disabled = !isStale() || !settingsAreGood();
  render(isStale() ? `Apply to ${plural(entries.length, "file")}` : "Apply", button("apply"));
}

function presetHint() {
  const own = general(state.settings.text).preset;
  if (typeof own === "string") return `Your own rules name a preset themselves: “${own}” is used.`;
  if (state.settings.preset === "ps3.15") return `The Basic Profile of DICOM PS3.15 (${state.version.edition}): names, numbers, dates and descriptions become empty or go, UIDs are replaced.`;
  if (state.settings.preset === "none") return "Everything stays but what your own rules name. UIDs are still replaced, unless a rule keeps them.";
  return "Names, numbers and UIDs are replaced, dates shortened to the year, private and unknown elements removed.";
}

/** A button that goes to the place. @param {SettingsProblem} problem @param {string} kind */
function place({ message, line, column }, kind) {
  if (!line || !column) return h("p", null, `${kind}: ${message}`);
  return h("button", { type: "button", onClick: () => goTo(line, column) }, `${kind} in line ${line}, column ${column}: ${message}`);
}

/** @param {number} line @param {number} column */
function goTo(line, column) {
  const box = /** @type {HTMLTextAreaElement} */ (byId("rules-text"));
  const before = box.value.split("\n").slice(0, line - 1).join("\n").length;
  const at = Math.min(box.value.length, before + (line > 1 ? 1 : 0) + column - 1);
  box.focus();
  box.setSelectionRange(at, Math.min(box.value.length, at + 1));
  announce(`Line ${line}, column ${column}`);
}
