import { batch } from "./batch.js";
import { blobOf } from "./engine.js";
import { asError } from "./errors.js";
import { loadAll, loadDeflate } from "./load.js";
import { Pool } from "./pool.js";
import { engineSettings, settingsTexts } from "./resolve.js";

/**
 * @import { Compiler } from "./load.js"
 * @import { Crew } from "./pool.js"
 * @import { Compiled, SettingsTexts } from "./settings.js"
 * @import { Cancel, Change, Deidentified, Item, Rule, Settings, SettingsWarning } from "./types.js"
 */

/** Most workers: beyond it, files wait for the disk. */
const MOST_WORKERS = 8;

/** De-identifies files, all with the same settings, key and time. Made by `open`. */
export class Deidentifier {
  #compiled;
  /** @protected */ pool;
  #signal;
  #crosswalk;

  /**
   * @param {Compiled} compiled the settings, for what needs no file
   * @param {Pool} pool
   * @param {Settings} settings
   */
  constructor(compiled, pool, { signal, crosswalk = false }) {
    this.#compiled = compiled;
    this.pool = pool;
    this.#signal = signal;
    this.#crosswalk = crosswalk;
    signal?.addEventListener("abort", () => this.#end(signal.reason), { once: true });
  }

  /**
   * @param {Blob} file
   * @param {Cancel} [options]
   * @returns {Promise<Deidentified>}
   */
  async deidentify(file, { signal } = {}) {
    const [parts, told] = await this.pool.run({ what: "deidentify", file }, signal);
    const { report, links } = JSON.parse(told);
    return { blob: blobOf(file, parts), name: report.name, report, ...(this.#crosswalk && { links }) };
  }

  /**
   * @param {AsyncIterable<Item> | Iterable<Item>} files
   * @param {Cancel} [options]
   */
  deidentifyAll(files, { signal } = {}) {
    const signals = [this.#signal, signal].filter((one) => one !== undefined);
    return batch(files, (file, cancel) => this.deidentify(file, { signal: cancel }), { room: this.pool.room, signals });
  }

  /**
   * @param {Blob} file
   * @param {Cancel} [options]
   * @returns {Promise<Change[]>}
   */
  inspect(file, { signal } = {}) {
    return this.pool.run({ what: "inspect", file }, signal);
  }

  /** @returns {Rule[]} */
  explain() {
    return this.#compiled.explain();
  }

  /** @returns {SettingsWarning[]} */
  warnings() {
    return this.#compiled.warnings();
  }

  async close() {
    this.#end(new DOMException("the de-identifier was closed", "AbortError"));
  }

  /** Where the platform has no such symbol, this is a method nobody finds. */
  [Symbol.asyncDispose]() {
    return this.close();
  }

  /** @param {unknown} reason */
  #end(reason) {
    this.pool.close(reason);
  }
}

/**
 * Compiles the engine and the settings, and starts the first worker: what is wrong shows here, not at the first file. Workers
 * are handed the plan that the settings became, and know nothing of settings.
 * @template {Deidentifier} T
 * @param {Settings} settings
 * @param {() => Crew} crew
 * @param {new (compiled: Compiled, pool: Pool, settings: Settings) => T} Kind
 */
export async function openWith(settings, crew, Kind) {
  settings.signal?.throwIfAborted();
  const { module, data, compiler } = await loadAll();
  const compiled = compile(compiler, await settingsTexts(settings));
  const engine = { plan: compiled.plan(), ...checked(compiler, engineSettings(settings)) };
  const workers = crew();
  const limit = settings.workers ?? Math.min(workers.processors, MOST_WORKERS);
  const options = { limit: Math.max(1, limit || 1), patience: settings.patience ?? 60, supply: loadDeflate };
  const pool = new Pool(workers, { module, data, settings: engine }, options);
  const deidentifier = new Kind(compiled, pool, settings);
  try {
    await pool.run({ what: "hello" }, settings.signal);
    return deidentifier;
  } catch (error) {
    await deidentifier.close();
    throw error;
  }
}

/** @param {Compiler} compiler @param {SettingsTexts} texts */
function compile({ Compiled }, texts) {
  try {
    return new Compiled(texts);
  } catch (thrown) {
    throw asError(thrown);
  }
}

/** @template {{ key: Uint8Array, now: string }} T @param {Compiler} compiler @param {T} settings */
function checked({ checkKey }, settings) {
  try {
    checkKey(settings);
    return settings;
  } catch (thrown) {
    throw asError(thrown);
  }
}
