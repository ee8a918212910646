// Saving: an archive, a folder, and the report.

import { folder, save, tar, zip } from "../lib/index.js";
import { announce, byId, messageOf, plural } from "./dom.js";
import { askForList } from "./list.js";
import { mixedUp, report } from "./report.js";
import { ask } from "./risks.js";
import { cleanFiles, isStale, state, update, watch } from "./store.js";
import { h, render } from "preact";

/**
 * @import { Outcome, SinkOptions } from "../lib/types.js"
 * @import { Entry } from "./store.js"
 */

/** Only some browsers can write into a folder. */
const picker = /** @type {{ showDirectoryPicker?: (options: object) => Promise<FileSystemDirectoryHandle> }} */ (/** @type {unknown} */ (window));

let stop = new AbortController();

export function saveBar() {
  watch(() => render(h(SaveBar, null), byId("save")));
}

function SaveBar() {
  const { entries, saving, saved, working } = state;
  if (entries.length === 0) return null;
  const off = working || saving !== null || cleanFiles() === 0;
  return [
    h("div", { class: "buttons" },
      h("button", { type: "button", class: "primary", disabled: off, onClick: () => begin("ZIP archive", toZip) }, "Save as ZIP"),
      h("button", { type: "button", disabled: off, onClick: () => begin("TAR archive", toTar) }, "Save as TAR"),
      picker.showDirectoryPicker && h("button", { type: "button", disabled: off, onClick: () => ask(clean(), "Saves into a folder", toFolder) }, "Save into a folder…"),
      h("button", { type: "button", disabled: working, onClick: () => save(report(), "lethe-report.json") }, "Save the report"),
      state.applied?.keep && h("button", { type: "button", disabled: off, onClick: askForList }, "Save the list of old and new numbers…"),
      saving && h("button", { type: "button", onClick: () => stop.abort() }, "Cancel saving")),
    h("p", { class: "figures" }, saving ? `${saving.what}: ${saving.files.toLocaleString("en")} of ${plural(saving.total, "file")}` : saved || hint()),
  ];
}

function hint() {
  if (isStale()) return "What is saved was made with the settings applied last.";
  const { collisions: shared, splits } = state.working ? { collisions: 0, splits: 0 } : mixedUp();
  if (shared) return `${plural(shared, "patient")} share a replacement Patient ID with another: check your rules before you save.`;
  if (splits) return `${plural(splits, "patient")} with several replacement Patient IDs: check your rules before you save.`;
  if (state.working) return "";
  const { risky, refused, "left-out": leftOut } = state.tally;
  const look = risky && `${plural(risky, "file")} to look at: you are asked before saving.`;
  const left = refused + leftOut && `${plural(refused + leftOut, "file is", "files are")} not saved: refused or left out.`;
  return [look, left].filter(Boolean).join(" ");
}

const clean = () => state.entries.filter(({ outcome }) => outcome?.ok);

/**
 * Asks about risky files first, if there are some.
 * @param {string} what
 * @param {(files: Outcome[], options: SinkOptions) => Promise<void>} how
 */
const begin = (what, how) => ask(clean(), `Saves a ${what}`, (without) => write(what, without, how));

/**
 * Writes the clean files; says how far it is, and how it ended.
 * @param {string} what
 * @param {Set<Entry>} without
 * @param {(files: Outcome[], options: SinkOptions) => Promise<void>} how
 */
async function write(what, without, how) {
  const outcomes = clean().flatMap((entry) => (entry.outcome && !without.has(entry) ? [entry.outcome] : []));
  const total = outcomes.length;
  stop = new AbortController();
  const { signal } = stop;
  update({ saving: { what, files: 0, total }, saved: "" });
  announce(`${what}: saving.`);
  let saved = `${what}: ${plural(total, "file")} saved${without.size ? `, ${without.size.toLocaleString("en")} left out` : ""}.`;
  try {
    // What is cancelled may still tell of a last file.
    await how(outcomes, { signal, onProgress: ({ files }) => signal.aborted || update({ saving: { what, files, total } }) });
  } catch (error) {
    saved = signal.aborted ? `${what}: cancelled.` : `${what}: not saved. ${messageOf(error)}`;
  }
  update({ saving: null, saved });
  announce(saved);
}

/** @param {Outcome[]} outcomes @param {SinkOptions} options */
const toZip = (outcomes, options) => save(zip(outcomes, options), "deidentified.zip");

/** @param {Outcome[]} outcomes @param {SinkOptions} options */
const toTar = async (outcomes, options) => save(await tar(outcomes, options), "deidentified.tar");

/** @param {Set<Entry>} without */
async function toFolder(without) {
  const handle = await picker.showDirectoryPicker?.({ mode: "readwrite" }).catch(() => null);
  if (handle) await write("Folder", without, (outcomes, options) => folder(outcomes, handle, options));
}
