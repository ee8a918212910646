import { Change, FileReport, Link, Rule, SettingsWarning } from "./types.js";

/** The engine's bindings, as wasm-bindgen writes them. `initSync` comes first; errors are plain objects (`ErrorDetails`). */
export function initSync(options: { module: WebAssembly.Module }): unknown;

/** Takes a data file of the engine. All are needed before `Engine` and `check`. */
export function handOver(name: string, text: string): void;

/** What an engine is made of. */
export interface EngineSettings {
  /** JSON texts, merged left to right; none: the preset `default`. */
  config: string[];
  project?: string;
  /** 32 bytes. */
  key: Uint8Array;
  /** `YYYYMMDDhhmmssmmm`. */
  now: string;
  /** CSV. */
  lookup?: string;
  /** Whether there are `links`. */
  crosswalk?: boolean;
}

export class Engine {
  constructor(settings: EngineSettings);
  deidentify(file: Blob): Promise<{ blob: Blob; report: FileReport; links: Link[] }>;
  inspect(file: Blob): Promise<Change[]>;
  explain(): Rule[];
  warnings(): SettingsWarning[];
  session(size: number): Session;
  free(): void;
}

/** One file, without IO: feed what it wants, write what it gives. */
export class Session {
  /** The least range it needs next, `[start, end]`; empty when it needs no more. */
  want(): Float64Array;
  feed(at: number, bytes: Uint8Array): void;
  /** Output of a deflated file, so far. */
  take(): Uint8Array;
  /** The output of any other file: new bytes, and `[start, end]` ranges of the input. */
  finish(): { parts: (Uint8Array | [number, number])[]; report: FileReport; links: Link[] };
  free(): void;
}

export function check(config: string[], lookup?: string): { warnings: SettingsWarning[]; projects: string[]; rows: number };
/** 32 bytes of the platform's random source. */
export function randomKey(): Uint8Array;
export function version(): { engine: string; edition: string };
