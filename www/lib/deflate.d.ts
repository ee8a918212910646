/** The bindings of the module that inflates and deflates, as wasm-bindgen writes them. `initSync` comes first. */
export function initSync(options: { module: WebAssembly.Module }): unknown;

/** One stream of RFC 1951. The class is what `provide` of `./engine` takes. */
export class Stream {
  private constructor();
  static inflate(): Stream;
  static deflate(): Stream;
  /** The next bytes of the output; nothing if the stream is damaged. */
  step(input: Uint8Array, finish: boolean): Uint8Array | undefined;
  /** Bytes of the input that the last step has taken. */
  readonly taken: number;
  readonly ended: boolean;
  free(): void;
}
