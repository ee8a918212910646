import { Stream } from "./deflate.js";
import { Change, FileReport, Link } from "./types.js";

/** The engine's bindings, as wasm-bindgen writes them. `initSync` comes first; errors are plain objects (`ErrorDetails`). */
export function initSync(options: { module: WebAssembly.Module }): unknown;

/** Takes a data file of the engine. All are needed before `Engine`. */
export function handOver(name: string, text: string): void;

/** Takes what inflates and deflates: the class `Stream` of `./deflate`, which is ready. Only deflated files need it. */
export function provide(streams: typeof Stream): void;

/** What an engine is made of. */
export interface EngineSettings {
  /** Of a `Compiled` (`./settings`) of the same version. */
  plan: Uint8Array;
  /** 32 bytes. */
  key: Uint8Array;
  /** `YYYYMMDDhhmmssmmm`. */
  now: string;
  /** Whether there are `links`. */
  crosswalk?: boolean;
  /** Called when the first deflated file turns up; it calls `provide`. */
  deflate?: () => Promise<void>;
}

export class Engine {
  constructor(settings: EngineSettings);
  deidentify(file: Blob): Promise<{ blob: Blob; report: FileReport; links: Link[] }>;
  inspect(file: Blob): Promise<Change[]>;
  session(size: number): Session;
  free(): void;
}

/** One file, without IO: feed what it wants, write what it gives. */
export class Session {
  /** The least range it needs next, `[start, end]`; empty when it needs no more. */
  want(): Float64Array;
  /** Whether what is fed next needs what `provide` takes. */
  deflates(): boolean;
  feed(at: number, bytes: Uint8Array): void;
  /** Output of a deflated file, so far. */
  take(): Uint8Array;
  /** The output of any other file: new bytes, and `[start, end]` ranges of the input. */
  finish(): { parts: (Uint8Array | [number, number])[]; report: FileReport; links: Link[] };
  free(): void;
}

/** 32 bytes of the platform's random source. */
export function randomKey(): Uint8Array;
export function version(): { engine: string; edition: string };
