/** @import { Outcome } from "../../../www/lib/types.js" */
import { DicomError } from "../../../www/lib/errors.js";

/**
 * A file that is done, with this name and content.
 * @param {string} name
 * @param {Blob | string} content
 * @returns {Outcome}
 */
export function done(name, content) {
  const blob = typeof content === "string" ? new Blob([content]) : content;
  const counts = { kept: 0, removed: 0, emptied: 0, replaced: 0, uids: 0, inserted: 0 };
  const report = { name, patient: "", sopClass: "", transferSyntax: "", inputBytes: blob.size, outputBytes: blob.size, counts, warnings: [], risks: [], unchecked: [] };
  return { ok: true, source: "in", name, blob, report };
}

/** A file that is refused. @returns {Outcome} */
export const refused = () => ({ ok: false, source: "in", error: new DicomError({ code: "truncated", message: "a length runs past the end" }) });

/**
 * A source that tells how it is used: how many were taken, and whether it was ended.
 * @param {Outcome[]} outcomes
 */
export function watched(outcomes) {
  const seen = { taken: 0, ended: false };
  async function* items() {
    try {
      for (const outcome of outcomes) {
        seen.taken += 1;
        yield outcome;
      }
    } finally {
      seen.ended = true;
    }
  }
  return { seen, items: items() };
}

/** A source that answers once and then never again. @param {Outcome} first */
export function hanging(first) {
  const seen = { ended: false };
  const items = {
    asked: 0,
    [Symbol.asyncIterator]: () => items,
    /** @returns {Promise<IteratorResult<Outcome>>} */
    next: () => (items.asked++ === 0 ? Promise.resolve({ done: false, value: first }) : new Promise(() => {})),
    async return() {
      seen.ended = true;
      return { done: /** @type {const} */ (true), value: undefined };
    },
  };
  return { seen, items };
}
