import { Stream } from "./deflate.js";
import { Change } from "./types.js";

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
}

export class Engine {
  constructor(settings: EngineSettings);
  session(size: number): Session;
  /** A session that ends in `changes`. */
  inspection(size: number): Session;
  free(): void;
}

/** What is told of a file: JSON of `{ report: FileReport, links: Link[] }`. */
export type Told = string;

/** One file, without IO: feed what it wants, write what it gives (`drive.js`), and end it by what is asked for. */
export class Session {
  /** The least range it needs next, `[start, end]`; empty when it needs no more. */
  want(): Float64Array;
  /** Whether what is fed next needs what `provide` takes. */
  deflates(): boolean;
  feed(at: number, bytes: Uint8Array): void;
  /** What is known of the output so far and was not taken yet: of a deflated file all of it. */
  take(): Uint8Array<ArrayBuffer>;
  /** The rest of the output: new bytes, written into `room` as far as they fit there, and `[start, end]` ranges of the input. */
  finish(room?: Uint8Array): [parts: (Uint8Array<ArrayBuffer> | [number, number])[], told: Told];
  changes(): Change[];
  free(): void;
}

/** The output of a Blob: new bytes and Blobs, and `[start, end]` ranges of the input. */
export function blobOf(file: Blob, parts: (Uint8Array<ArrayBuffer> | Blob | [number, number])[]): Blob;
/** 32 bytes of the platform's random source. */
export function randomKey(): Uint8Array;
export function version(): { engine: string; edition: string };
