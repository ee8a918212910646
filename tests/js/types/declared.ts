// The declarations that ship are the modules' own types: whatever differs does not compile (`tsc -p tsconfig.json`).
import { check, randomKey, version } from "../../../www/lib/check.js";
import { crosswalk } from "../../../www/lib/crosswalk.js";
import { Deidentifier } from "../../../www/lib/deidentifier.js";
import { decrypt, encrypt } from "../../../www/lib/encrypt.js";
import * as errors from "../../../www/lib/errors.js";
import { folder } from "../../../www/lib/folder.js";
import * as browser from "../../../www/lib/index.js";
import { intake } from "../../../www/lib/intake.js";
import { FileDeidentifier } from "../../../www/lib/node-path.js";
import * as node from "../../../www/lib/node.js";
import { patients } from "../../../www/lib/patients.js";
import { save } from "../../../www/lib/save.js";
import { tar } from "../../../www/lib/tar.js";
import { zip } from "../../../www/lib/zip.js";

const modules = { check, crosswalk, decrypt, encrypt, folder, intake, patients, randomKey, save, tar, version, zip };
const { DicomError, SettingsError, open, ...functions } = browser;

export const declaredIsWritten: typeof modules = functions;
export const writtenIsDeclared: typeof functions = modules;

export const error: browser.DicomError = new errors.DicomError({ code: "read", message: "gone" });
export const settingsError: browser.SettingsError = new errors.SettingsError({ code: "settings", message: "not json" });

declare const deidentifier: Deidentifier;
declare const fileDeidentifier: FileDeidentifier;
export const one: browser.Deidentifier = deidentifier;
export const two: node.NodeDeidentifier = fileDeidentifier;
