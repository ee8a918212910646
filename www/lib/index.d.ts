import { Checked, Config, Deidentifier, Item, Link, Outcome, Settings, SinkOptions, Table } from "./types.js";

export * from "./types.js";

/** Compiles the engine and the settings. Rejects with a `SettingsError` when the settings are malformed. */
export function open(settings?: Settings): Promise<Deidentifier>;

/**
 * The files of a drop, a file or folder picker, a folder handle, or a single file. ZIP archives are opened, one entry at
 * a time. Call it in the event's handler: a drop's entries are taken at once, their files are read lazily.
 */
export function intake(
  source: DataTransfer | FileList | readonly File[] | FileSystemDirectoryHandle | Blob,
): AsyncGenerator<Item, void, undefined>;

/** A ZIP archive (stored, ZIP64 where needed) of the files that are done; refused ones are passed over. */
export function zip(outcomes: AsyncIterable<Outcome> | Iterable<Outcome>, options?: SinkOptions): ReadableStream<Uint8Array>;

/** A TAR archive of the files that are done, as a Blob that refers to them: of their data the last byte is read. */
export function tar(outcomes: AsyncIterable<Outcome> | Iterable<Outcome>, options?: SinkOptions): Promise<Blob>;

/** Writes the files that are done into a folder; each becomes visible when it is whole. */
export function folder(
  outcomes: AsyncIterable<Outcome> | Iterable<Outcome>,
  handle: FileSystemDirectoryHandle,
  options?: SinkOptions,
): Promise<void>;

/** Offers a file or an archive as a download. */
export function save(data: Blob | ReadableStream<Uint8Array>, name: string): Promise<void>;

/** Checks settings without opening anything, and with a table whether all that they look up is in it. Rejects with a `SettingsError`. */
export function check(config: Config, lookup?: string | Blob): Promise<Checked>;

/** Old and new identifiers of a batch that was worked on with `crosswalk: true`, as tables in CSV. They identify patients. */
export function crosswalk(outcomes: Iterable<Outcome | { links?: Link[] }>): Table[];

/** Encrypts under a passphrase, in the form that the page and the command read (docs/CROSSWALK.md); a text is taken in UTF-8. */
export function encrypt(content: Uint8Array | string, passphrase: string): Promise<Uint8Array<ArrayBuffer>>;

/** Decrypts what `encrypt`, the page or the command has encrypted. Rejects with a `DicomError` (`decrypt`) if it cannot. */
export function decrypt(file: Uint8Array, passphrase: string): Promise<Uint8Array<ArrayBuffer>>;

/**
 * Whether each patient has a pseudonym of its own: how many patients have a new Patient ID that another one has as well
 * (`collisions`), and how many have several (`splits`).
 */
export function patients(outcomes: Iterable<Outcome>): { collisions: number; splits: number };

/** A new secret key: 32 bytes of the platform's random source. */
export function randomKey(): Promise<Uint8Array>;

/**
 * Version of the engine, edition of PS3.15 its profile is made from, and SHA-256 of its .wasm in hexadecimal; `sums` has
 * that of each .wasm of the package, those that are loaded later too, by name.
 */
export function version(): Promise<{ engine: string; edition: string; sha256: string; sums: Record<string, string> }>;
