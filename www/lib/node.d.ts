import { Cancel, Deidentifier, FileReport, Link, Settings } from "./types.js";

export * from "./index.js";

/** The Node entry's own: files by path. */
export interface NodeDeidentifier extends Deidentifier {
  /**
   * De-identifies the file at `path` into `outPath` by positioned reads and copies: memory does not depend on its size.
   * It is written beside `outPath` first and renamed when it is whole; folders are made. Refused when both paths are the same file.
   * `onLinks` is given old and new identifiers, with the setting `crosswalk`: they are no part of the report.
   */
  deidentifyFile(path: string, outPath: string, options?: Cancel & { onLinks?: (links: Link[]) => void }): Promise<FileReport>;
}

/** Compiles the engine and the settings. Rejects with a `SettingsError` when the settings are malformed. */
export function open(settings?: Settings): Promise<NodeDeidentifier>;
