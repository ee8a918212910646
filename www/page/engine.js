// The de-identifier for the settings in force. A new one is opened when they change, with the same key.

import { open, randomKey } from "../lib/index.js";
import { tableOf } from "./lookup.js";

/**
 * @import { Deidentifier, Rule } from "../lib/types.js"
 * @import { Settings } from "./store.js"
 */

/** @type {{ id: string, engine: Promise<Deidentifier> } | null} */
let held = null;
/** @type {Uint8Array | null} used when no key is given: as long as the page is open, pseudonyms stay the same */
let pageKey = null;

/** @param {Settings} settings @returns {Promise<Deidentifier>} */
export function deidentifier(settings) {
  const id = JSON.stringify(settings);
  if (held?.id === id) return held.engine;
  held?.engine.then((old) => old.close(), () => {});
  const mine = { id, engine: options(settings).then(open) };
  held = mine;
  mine.engine.catch(() => held === mine && (held = null));
  return mine.engine;
}

/** What these settings do, Attribute by Attribute. @param {Settings} settings @returns {Promise<Rule[]>} */
export async function rulesOf(settings) {
  if (held?.id === JSON.stringify(settings)) return (await held.engine).explain();
  const engine = await open({ ...(await options(settings)), workers: 1 });
  try {
    return engine.explain();
  } finally {
    await engine.close();
  }
}

/** The key in use, in hexadecimal. @param {Settings} settings */
export async function keyText({ key }) {
  return key || Array.from(await ownKey(), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The texts that are merged: the preset and Options chosen, then the user's own rules, which win. @param {Settings} settings */
export function configOf({ preset, options, text }) {
  return [JSON.stringify({ general: { preset, ...(options.length && { profile_options: options }) } }), ...(text.trim() ? [text] : [])];
}

/** @param {Settings} settings */
async function options(settings) {
  const key = settings.key ? Uint8Array.from(settings.key.match(/../g) ?? [], (two) => parseInt(two, 16)) : await ownKey();
  return { config: configOf(settings), project: settings.project.trim() || undefined, key, lookup: tableOf(settings), crosswalk: settings.keep };
}

async function ownKey() {
  return (pageKey ??= await randomKey());
}
