import { Rule, SettingsWarning } from "./types.js";

/**
 * The bindings of the module that reads settings, as wasm-bindgen writes them. `initSync` comes first; errors are plain
 * objects (`ErrorDetails`).
 */
export function initSync(options: { module: WebAssembly.Module }): unknown;

/** Takes a data file. All are needed before `Compiled` and `check`. */
export function handOver(name: string, text: string): void;

/** What is compiled. */
export interface SettingsTexts {
  /** JSON texts, merged left to right; none: the preset `default`. */
  config: string[];
  project?: string;
  /** CSV. */
  lookup?: string;
}

/** Settings that were compiled for a project, with their table. */
export class Compiled {
  constructor(texts: SettingsTexts);
  /** The plan, for an `Engine` of the same version. */
  plan(): Uint8Array;
  explain(): Rule[];
  warnings(): SettingsWarning[];
  free(): void;
}

/** Throws unless an engine can be made with these. */
export function checkKey(settings: { key: Uint8Array; now: string }): void;

export function check(config: string[], lookup?: string): { warnings: SettingsWarning[]; projects: string[]; rows: number };
