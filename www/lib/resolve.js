import { randomKey } from "./engine.js";
import { asError } from "./errors.js";

/**
 * @import { EngineSettings } from "./engine.js"
 * @import { SettingsTexts } from "./settings.js"
 * @import { Config, Settings } from "./types.js"
 */

/**
 * What is compiled, from what people write.
 * @param {Settings} settings
 * @returns {Promise<SettingsTexts>}
 */
export async function settingsTexts({ config, project, lookup }) {
  return { config: texts(config), project, lookup: await table(lookup) };
}

/**
 * What an engine takes beside the plan. Here is the edge: the clock and the random key come in here.
 * @param {Settings} settings
 * @returns {Omit<EngineSettings, "plan">}
 */
export function engineSettings({ key, now, crosswalk }) {
  return { key: key ?? randomKey(), now: typeof now === "string" ? now : stamp(now ?? new Date()), crosswalk };
}

/**
 * A table as text. In another encoding than UTF-8 its names would be others, so it is refused.
 * @param {string | Blob} [lookup]
 */
export async function table(lookup) {
  if (!(lookup instanceof Blob)) return lookup;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await lookup.arrayBuffer());
  } catch (error) {
    throw asError({ code: "settings", message: error instanceof TypeError ? "lookup table: the text is not UTF-8" : "lookup table: it could not be read" });
  }
}

/**
 * Settings as JSON texts, to be merged left to right.
 * @param {Config} [config]
 */
export function texts(config) {
  if (config === undefined) return [];
  const all = Array.isArray(config) ? config : [config];
  return all.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
}

/**
 * Local time as `YYYYMMDDhhmmssmmm`.
 * @param {Date} date
 */
export function stamp(date) {
  const day = [pad(date.getFullYear(), 4), pad(date.getMonth() + 1, 2), pad(date.getDate(), 2)];
  const time = [pad(date.getHours(), 2), pad(date.getMinutes(), 2), pad(date.getSeconds(), 2), pad(date.getMilliseconds(), 3)];
  return [...day, ...time].join("");
}

/**
 * @param {number} value
 * @param {number} width
 */
const pad = (value, width) => String(value).padStart(width, "0");
