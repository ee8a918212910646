// What was loaded, and what was asked for since: for the eyes of who wants to be sure that nothing is sent.

import { byId, bytes, plural } from "./dom.js";
import { state, watch } from "./store.js";

/** Requests of the page itself; blob: is memory, not network. */
const requests = () => /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("resource")).filter(({ name }) => !name.startsWith("blob:"));

let before = 0;
let text = "";

/** Counts from now on. */
export function countRequests() {
  const page = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType("navigation"));
  const loaded = [...page, ...requests()];
  before = loaded.length - page.length;
  const size = loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  text = `Loaded: ${plural(loaded.length, "file")} (${bytes(size)}), all from this site. `;
  new PerformanceObserver(draw).observe({ type: "resource" });
  watch(version);
  draw();
}

function draw() {
  const since = requests().length - before;
  byId("loaded").textContent = `${text}Since then: ${plural(since, "request")}${since === 0 ? ", nothing was sent" : ""}.`;
}

function version() {
  const { engine, edition } = state.version;
  byId("version").textContent = engine && `Lethe ${engine}, with the confidentiality profile of DICOM PS3.15, edition ${edition}.`;
}
