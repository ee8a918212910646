import * as engine from "./engine.js";
import { asError } from "./errors.js";
import { load, loadAll } from "./load.js";
import { texts } from "./settings.js";

/** @import { Checked, Config } from "./types.js" */

/**
 * Checks settings without opening anything.
 * @param {Config} config
 * @returns {Promise<Checked>}
 */
export async function check(config) {
  await loadAll();
  try {
    return engine.check(texts(config));
  } catch (thrown) {
    throw asError(thrown);
  }
}

/** A new secret key: 32 bytes of the platform's random source. */
export async function randomKey() {
  await load();
  return engine.randomKey();
}

/** Version of the engine, and edition of PS3.15 its profile is made from. */
export async function version() {
  await load();
  return engine.version();
}
