/** @import { Outcome } from "./types.js" */

/**
 * Whether each patient has a pseudonym of its own: how many patients have a new Patient ID that another one has as well
 * (`collisions`), and how many have several (`splits`). Both come of settings that say what the Patient ID becomes.
 * @param {Iterable<Outcome>} outcomes
 */
export function patients(outcomes) {
  /** @type {Map<string, Set<string>>} tokens of patients, by their new Patient ID as it stands in names */
  const tokens = new Map();
  /** @type {Map<string, Set<string>>} the other way round */
  const ids = new Map();
  for (const outcome of outcomes) {
    if (!outcome.ok) continue;
    const [id] = outcome.report.name.split("/");
    put(tokens, id, outcome.report.patient);
    put(ids, outcome.report.patient, id);
  }
  const shared = [...tokens.values()].filter(({ size }) => size > 1);
  return { collisions: shared.reduce((sum, { size }) => sum + size, 0), splits: [...ids.values()].filter(({ size }) => size > 1).length };
}

/** @param {Map<string, Set<string>>} map @param {string} key @param {string} value */
const put = (map, key, value) => map.set(key, (map.get(key) ?? new Set()).add(value));
