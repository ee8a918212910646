// A program as users write it. `tsc -p tsconfig.json` compiles it against the declarations in the repository, and
// tests/package against those in the packed package.
import { DicomError, SettingsError, folder, intake, open, save, tar, zip } from "lethe-dicom";
import type { Deidentified, Deidentifier, Item, Outcome, Rule } from "lethe-dicom";

export async function batch(drop: DataTransfer, folderHandle: FileSystemDirectoryHandle, signal: AbortSignal): Promise<void> {
  const items: AsyncIterable<Item> = intake(drop);
  const deidentifier: Deidentifier = await open({ config: [{ general: {} }, "{}"], key: new Uint8Array(32), workers: 2, signal });
  const outcomes: Outcome[] = [];
  for await (const outcome of deidentifier.deidentifyAll(items, { signal })) {
    outcomes.push(outcome);
    if (outcome.ok) console.assert(outcome.report.counts.removed >= 0 && outcome.blob.size > 0);
    else console.assert(outcome.error instanceof DicomError && !outcome.error.leftOut);
    // @ts-expect-error: a refused file has no output
    console.assert(outcome.blob);
  }
  await save(zip(outcomes, { onProgress: ({ files, bytes }) => console.assert(files > 0 && bytes > 0) }), "clean.zip");
  await save(await tar(outcomes), "clean.tar");
  await folder(outcomes, folderHandle, { signal });
  await deidentifier.close();
}

export async function single(file: File): Promise<Deidentified | undefined> {
  await using deidentifier = await open();
  const rules: Rule[] = deidentifier.explain();
  try {
    return rules.length > 0 ? await deidentifier.deidentify(file) : undefined;
  } catch (error) {
    if (error instanceof SettingsError) console.assert(error.line === 1);
    return undefined;
  }
}

export const withTable = (file: File): Promise<Deidentifier> => open({ config: '{"general": {"PatientID": "set(@lookup(new)@)"}}', lookup: file });

// @ts-expect-error: a table is a text or a Blob
void open({ lookup: [["PatientID"]] });
// @ts-expect-error: a key is bytes
void open({ key: "0123" });
// @ts-expect-error: the browser has no paths
void open().then((deidentifier) => deidentifier.deidentifyFile("in.dcm", "out.dcm"));
