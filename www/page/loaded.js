// What was loaded, and what was asked for since: for the eyes of who wants to be sure that nothing is sent.

import { byId, bytes, plural } from "./dom.js";
import { state, watch } from "./store.js";

/** What the page was made of when it had loaded. @type {Set<string>} */
let own = new Set();
let text = "Loading…";
/** How often the page's policy was violated, which nothing in it does. */
let blocked = 0;

/**
 * Counts what is loaded, and from then on what else is asked for.
 * @param {Promise<unknown>} started once the engine's data files are there, which come last
 */
export async function countRequests(started) {
  watch(version);
  await started;
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
}

function begin() {
  const loaded = [...timings("navigation"), ...timings("resource")];
  own = new Set(loaded.map(({ name }) => name));
  const size = loaded.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  const foreign = [...own].filter((url) => new URL(url).origin !== location.origin).length;
  text = `Loaded: ${plural(own.size, "file")} (${bytes(size)}), ${foreign === 0 ? "all from this site" : `${foreign} from elsewhere`}.`;
  new PerformanceObserver(draw).observe({ type: "resource" });
  addEventListener("securitypolicyviolation", () => (blocked++, draw()));
  draw();
}

function draw() {
  // Browsers fetch the icon once more when it pleases them. blob: is memory, not network.
  const since = timings("resource").filter(({ name }) => !own.has(name) && !name.startsWith("blob:")).length;
  const attempts = blocked === 0 ? "" : ` The browser stopped ${plural(blocked, "attempt")} to do what this page must not.`;
  byId("loaded").textContent = `${text} Since then: ${since === 0 ? "no request, nothing was sent." : `${plural(since, "request")}.`}${attempts}`;
}

/** @param {"navigation" | "resource"} type */
const timings = (type) => /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType(type));

function version() {
  const { engine, edition, sums } = state.version;
  if (!engine) return;
  byId("version").textContent = `Lethe ${engine}, with the confidentiality profile of DICOM PS3.15, edition ${edition}.`;
  // They may break anywhere on a small screen.
  const code = (/** @type {string} */ sum) => Object.assign(document.createElement("code"), { textContent: sum });
  byId("sums").replaceChildren(...Object.entries(sums).flatMap(([name, sum]) => [`${name}_bg.wasm: `, code(sum), " "]));
}
