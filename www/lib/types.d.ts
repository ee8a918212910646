/** A file to work on. */
export interface FileItem {
  /** The name as handed in (with its folders, when they are known): for the screen only, it goes nowhere else. */
  name: string;
  file: Blob;
  error?: undefined;
}

/** A file that could not even be opened: an unreadable folder entry, a damaged archive. */
export interface BrokenItem {
  name: string;
  file?: undefined;
  error: DicomError;
}

/** What `intake` yields and `deidentifyAll` takes. */
export type Item = FileItem | BrokenItem;

/** What happened to one file, without any of its values. */
export interface FileReport {
  /** The output's name, a function of its new identifiers alone, with `/` between folders. */
  name: string;
  /** A keyed token of the patient: equal for files of one patient, of no use without the key. */
  patient: string;
  /** UID of the SOP Class, if it is a registered one. */
  sopClass: string;
  /** UID of the Transfer Syntax, if it is a registered one. */
  transferSyntax: string;
  inputBytes: number;
  outputBytes: number;
  counts: Counts;
  warnings: Warning[];
  /** Risky content that no rule for an Attribute reaches, the gravest first, and the policy for it. */
  risks: RiskNote[];
  /** What was not looked at, though nothing says that there is anything: `unused-bits`. */
  unchecked: string[];
}

/** A class of risky content: its name in reports; the option of the settings is `risk_` and the name with `_`. */
export type Risk =
  | "documents" | "slide-label" | "burned-in" | "secondary-capture" | "screen-save" | "ultrasound" | "faces" | "unstated" | "unstated-slices";

/** Something risky in a file that has an output. Where the policy is `refuse`, the outcome's error has the code `risk-` and the class. */
export interface RiskNote {
  class: Risk;
  /** `warn`: look at the file before it is passed on; `pass`: noted here; `blank`: the document in it was blanked. */
  policy: "warn" | "pass" | "blank";
  /** The Attribute that shows it, such as `(0028,0301)`. */
  path: string;
  /** Why it is a risk: a sentence in lower case, without full stop. */
  message: string;
}

/** How many Data Elements were handled how. */
export interface Counts {
  kept: number;
  removed: number;
  emptied: number;
  replaced: number;
  /** UIDs that were mapped (values, not Data Elements). */
  uids: number;
  inserted: number;
}

/** Something the reader of a report should know. */
export interface Warning {
  code: string;
  /** Path of the Data Element, such as `(0040,0275)[0].(0008,0050)`. */
  path?: string;
  message: string;
}

/** What an entry of the crosswalk links: Patient IDs, Study Instance UIDs, Accession Numbers, or UIDs that were replaced. */
export type LinkKind = "patient" | "study" | "accession" | "uid";

/** An entry of the crosswalk: it identifies patients. Never log it, store it or send it with the files. */
export interface Link {
  kind: LinkKind;
  /** The original; a byte that is no text of the file's character set, a control character or a backslash is `\\xNN`. */
  old: string;
  /** What replaced it, in the same form; the original where it stays. */
  new: string;
}

/** A table of the crosswalk: its file name, and CSV to be written in UTF-8. */
export interface Table {
  name: string;
  csv: string;
}

/** A de-identified file. */
export interface Deidentified {
  /** The output: new bytes and slices of the input, which must stay readable as long as this is used. */
  blob: Blob;
  /** The output's name (the same as `report.name`). */
  name: string;
  report: FileReport;
  /** Old and new identifiers, with the setting `crosswalk`. */
  links?: Link[];
}

/** A file of a batch: done, or refused for a reason. */
export type Outcome =
  | ({ ok: true; /** `Item.name`. */ source: string } & Deidentified)
  | { ok: false; /** `Item.name`. */ source: string; error: DicomError };

/** One Data Element that changed, with its values: for the screen of the one who holds the original, never to be stored. */
export interface Change {
  path: string;
  keyword: string;
  vr: string;
  action: "kept" | "removed" | "emptied" | "replaced" | "inserted";
  /** The rule that decided. */
  because: string;
  before: string;
  after: string;
}

/** What the settings say about an Attribute, and which rule says so. */
export interface Rule {
  address: string;
  keyword: string;
  vr: string;
  action: string;
  because: string;
}

/** Something in the settings that is most likely not meant. Line and column from 1. */
export interface SettingsWarning {
  line: number;
  column: number;
  message: string;
  /** Which of the settings texts, from 0. */
  index?: number;
}

/** One settings text (JSON, or the object it stands for), or several that are merged left to right. */
export type Config = string | object | (string | object)[];

export interface Settings {
  /** Default: the preset `default`. */
  config?: Config;
  /** The project whose section is merged over the general one. */
  project?: string;
  /** 32 bytes: the same key gives the same pseudonyms. Default: a new random key, which is not kept. */
  key?: Uint8Array;
  /** A table in CSV (UTF-8), from which the settings take values with `@lookup(column)@`. */
  lookup?: string | Blob;
  /** Lists old and new identifiers with each output, for `crosswalk`. Default: false. */
  crosswalk?: boolean;
  /** The time of processing, local time; a text is `YYYYMMDDhhmmssmmm`. Default: the clock. */
  now?: Date | string;
  /** Most workers. Default: as many as there are processors, at most 8. */
  workers?: number;
  /** Seconds without a sign of life after which a worker is replaced. Default: 60. */
  patience?: number;
  /** Ends everything: workers are terminated, what is pending rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface Cancel {
  signal?: AbortSignal;
}

export interface Progress {
  /** Files written (to be written: skipped refusals do not count). */
  files: number;
  /** Bytes of these files. */
  bytes: number;
}

export interface SinkOptions extends Cancel {
  /** Called after each file. */
  onProgress?: (progress: Progress) => void;
}

/** De-identifies files, all with the same settings, key and time. */
export interface Deidentifier extends AsyncDisposable {
  /** De-identifies one file. Rejects with a `DicomError` when the file is refused: it is never half done. */
  deidentify(file: Blob, options?: Cancel): Promise<Deidentified>;
  /**
   * De-identifies many files: lazy (a file is asked for when a worker has room), in the order they finish. A refused
   * file is an outcome and does not end the batch. Leaving the loop cancels what is under way.
   */
  deidentifyAll(files: AsyncIterable<Item> | Iterable<Item>, options?: Cancel): AsyncGenerator<Outcome, void, undefined>;
  /** What would change in a file, Data Element by Data Element, with values: for the screen. */
  inspect(file: Blob, options?: Cancel): Promise<Change[]>;
  /** The plan as data: what happens to which Attribute, and why. */
  explain(): Rule[];
  /** What the settings most likely do not mean. */
  warnings(): SettingsWarning[];
  /** Terminates the workers; what is pending rejects. */
  close(): Promise<void>;
}

/** What `check` found in settings that are well formed. */
export interface Checked {
  warnings: SettingsWarning[];
  /** The projects the settings name. */
  projects: string[];
  /** How many rows the table has; 0 without one. */
  rows: number;
}

/** Why a file was refused. It holds no value, file name or path of the user. */
export declare class DicomError extends Error {
  constructor(details: ErrorDetails);
  /** Stable text, such as `truncated`; `internal` when the engine itself failed on the file. */
  code: string;
  /** Path of the Data Element, such as `(0040,0275)[0].(0008,0050)`. */
  path?: string;
  /** Offset in the file, in bytes (for a deflated file: in the inflated Data Set). */
  offset?: number;
  /** True for files that are no image to process (no DICOM, DICOMDIR): left out with a note, which is no failure. */
  leftOut: boolean;
}

/** Why settings were refused. Line and column from 1. */
export declare class SettingsError extends DicomError {
  line?: number;
  column?: number;
  /** Which of the settings texts, from 0. */
  index?: number;
}

export interface ErrorDetails {
  code: string;
  message: string;
  path?: string;
  offset?: number;
  leftOut?: boolean;
  line?: number;
  column?: number;
  index?: number;
}
