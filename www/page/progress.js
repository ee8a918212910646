// How far the work is. The place for it is always there: nothing jumps when work begins or ends.

import { byId, bytes, plural } from "./dom.js";
import { cancel, clear, start } from "./run.js";
import { isStale, settingsAreGood, state, watch } from "./store.js";
import { h, render } from "preact";

export function progressBar() {
  watch(() => render(h(Progress, null), byId("progress")));
}

function Progress() {
  const { entries, done, reading, working } = state;
  if (entries.length === 0 && !working) return null;
  return [
    h("div", { class: "bar" },
      h("progress", { "aria-label": "Files done", max: Math.max(1, entries.length), value: working && reading && !entries.length ? undefined : done }),
      h("span", { class: "buttons" },
        working && h("button", { type: "button", onClick: cancel }, "Cancel"),
        !working && done < entries.length && h("button", { type: "button", onClick: start, disabled: !settingsAreGood() }, "Continue"),
        !working && h("button", { type: "button", onClick: clear }, "Clear the list"))),
    h("p", { class: "figures" }, figures()),
    h(Notice, null),
  ];
}

function figures() {
  const { entries, done, doneBytes, reading, working, tally } = state;
  const count = `${done.toLocaleString("en")} of ${plural(entries.length, "file")}${reading ? " so far" : ""}`;
  if (!working && done < entries.length) return `Stopped: ${count} done`;
  if (!working) return `${plural(done, "file")}, ${bytes(doneBytes)}: ${tally.clean.toLocaleString("en")} clean, ${tally.refused} refused, ${tally["left-out"]} left out`;
  const seconds = (performance.now() - state.since.at) / 1000;
  if (seconds < 0.5) return count;
  return `${count} · ${Math.round((done - state.since.done) / seconds)} files/s · ${bytes((doneBytes - state.since.bytes) / seconds)}/s`;
}

function Notice() {
  if (state.failure) return h("p", { class: "problem", role: "alert" }, state.failure);
  if (!settingsAreGood()) return h("p", { class: "notice" }, "The settings have an error. These results were made without them; correct them, then apply.");
  if (isStale()) return h("p", { class: "notice" }, "The settings have changed since: choose “Apply” to work on these files again.");
  return null;
}
