import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Real DICOM files: the folder beside the project, where there is one, else what `cargo xtask corpus` brought. */
export function corpus() {
  const folder = ["../shared/corpus", "target/corpus"].map((path) => join(root, path)).find(existsSync);
  if (!folder) throw new Error("there are no real DICOM files; run `cargo xtask corpus`");
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
