// dcmjs and its own list of what to clean. `clean_tags.mjs FOLDER_OF_PACKAGES IN OUT`
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [packages, from, to] = process.argv.slice(2);
const { default: dcmjs = undefined, ...named } = createRequire(join(packages, "package.json"))("dcmjs");
const { anonymizer, data } = dcmjs ?? named;

for (const name of readdirSync(from).sort()) {
  const bytes = readFileSync(join(from, name));
  const read = data.DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  anonymizer.cleanTags(read.dict);
  writeFileSync(join(to, name), Buffer.from(read.write()));
}
