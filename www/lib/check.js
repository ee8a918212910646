import * as engine from "./engine.js";
import { asError } from "./errors.js";
import { load, loadAll } from "./load.js";
import { table, texts } from "./resolve.js";
import { sums } from "./wasm-inline.js";

/** @import { Checked, Config } from "./types.js" */

/**
 * Checks settings without opening anything, and with a table whether all that they look up is in it.
 * @param {Config} config
 * @param {string | Blob} [lookup]
 * @returns {Promise<Checked>}
 */
export async function check(config, lookup) {
  const { compiler } = await loadAll();
  const csv = await table(lookup);
  try {
    return compiler.check(texts(config), csv);
  } catch (thrown) {
    throw asError(thrown);
  }
}

/** A new secret key: 32 bytes of the platform's random source. */
export async function randomKey() {
  await load();
  return engine.randomKey();
}

/** Version of the engine, edition of PS3.15 its profile is made from, and SHA-256 of its .wasm and of those that come later. */
export async function version() {
  await load();
  return { ...engine.version(), sha256: sums.engine, sums };
}
