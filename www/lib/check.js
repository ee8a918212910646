import * as engine from "./engine.js";
import { asError } from "./errors.js";
import { load } from "./load.js";
import { texts } from "./settings.js";
import { sha256 } from "./wasm-inline.js";

/** @import { Checked, Config } from "./types.js" */

/**
 * Checks settings without opening anything.
 * @param {Config} config
 * @returns {Promise<Checked>}
 */
export async function check(config) {
  await load();
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

/** Version of the engine, edition of PS3.15 its profile is made from, and SHA-256 of its .wasm. */
export async function version() {
  await load();
  return { ...engine.version(), sha256 };
}
