// Where files come in: a drop anywhere on the page, and the two pickers.

import { button, byId, input } from "./dom.js";
import { add } from "./run.js";

export function takeFiles() {
  let depth = 0;
  /** @param {number} change */
  const enter = (change) => (byId("veil").hidden = (depth = Math.max(0, depth + change)) === 0);
  const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;

  addEventListener("dragenter", (event) => hasFiles(event) && enter(1));
  addEventListener("dragleave", (event) => hasFiles(event) && enter(-1));
  addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault(); // or the browser would open the file
    enter(-depth);
    if (event.dataTransfer) take(event.dataTransfer);
  });
  pick("choose-files", "files");
  pick("choose-folder", "folder");
}

/** @param {DataTransfer | FileList} source */
function take(source) {
  add(source);
  const results = byId("results");
  if (results.getBoundingClientRect().top > innerHeight / 2) results.scrollIntoView();
}

/** @param {string} trigger @param {string} picker */
function pick(trigger, picker) {
  const files = input(picker);
  button(trigger).disabled = false;
  button(trigger).addEventListener("click", () => files.click());
  files.addEventListener("change", () => {
    if (files.files?.length) take(files.files);
    files.value = ""; // or the same files could not be chosen again
  });
}
