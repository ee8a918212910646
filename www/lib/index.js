import { Deidentifier, openWith } from "./deidentifier.js";
import { webWorkers } from "./web-worker.js";

export { check, randomKey, version } from "./check.js";
export { crosswalk } from "./crosswalk.js";
export { decrypt, encrypt } from "./encrypt.js";
export { DicomError, SettingsError } from "./errors.js";
export { folder } from "./folder.js";
export { intake } from "./intake.js";
export { patients } from "./patients.js";
export { save } from "./save.js";
export { tar } from "./tar.js";
export { zip } from "./zip.js";

/**
 * Compiles the engine and the settings. Rejects with a `SettingsError` when the settings are malformed.
 * @param {import("./types.js").Settings} [settings]
 */
export const open = (settings = {}) => openWith(settings, webWorkers, Deidentifier);
