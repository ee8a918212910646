/** @import { ErrorDetails } from "./types.js" */

/** Why a file was refused. It holds no value, file name or path of the user. */
export class DicomError extends Error {
  /** @param {ErrorDetails} details */
  constructor({ code, message, path, offset, leftOut = false }) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.path = path;
    this.offset = offset;
    this.leftOut = leftOut;
  }
}

/** Why settings were refused, and where. */
export class SettingsError extends DicomError {
  /** @param {ErrorDetails} details */
  constructor(details) {
    super(details);
    this.line = details.line;
    this.column = details.column;
    this.index = details.index;
  }
}

/** A Blob refers to a file that is not as it was: browsers say so when it is read, each in its own words. */
export const gone = () => new DicomError({ code: "read", message: "a file has changed or is gone since it was cleaned; add it again" });

/**
 * What the engine threw, as an error: it throws plain objects. Anything else passes as it is.
 * @param {unknown} thrown
 */
export function asError(thrown) {
  if (!isDetails(thrown)) return thrown;
  return thrown.code === "settings" ? new SettingsError(thrown) : new DicomError(thrown);
}

/**
 * @param {unknown} thrown
 * @returns {thrown is ErrorDetails}
 */
function isDetails(thrown) {
  return typeof thrown === "object" && thrown !== null && !(thrown instanceof Error) && "code" in thrown && "message" in thrown;
}
