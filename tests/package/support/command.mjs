import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { corpus } from "../../js/support/corpus.mjs";
import { run } from "../../js/support/programs.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export const key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
export const now = "20240229123456789";

/** Real files of many Transfer Syntaxes, deflated and big endian ones among them, small enough to go through a browser four times. */
export function someFiles() {
  const wanted = /(CT_small|MR_small|MR_small_bigendian|CT_small_deflated|liver_deflate|rtplan|rtstruct|JPEG2000|JPEG-lossy|SC_rgb|ExplVR_BigEnd|liver_1frame|emri_small_RLE|JPEGLSNearLossless_08|nested_priv_SQ|no_meta|chrH31|reportsi)\.dcm$/;
  const files = corpus().filter((path) => wanted.test(path));
  if (files.length < 8) throw new Error(`only ${files.length} of the files these tests use are in the corpus`);
  return files;
}

/**
 * What the command makes of files: SHA-256 by output name.
 * @param {string[]} files
 * @param {string} scratch
 */
export function commandOutputs(files, scratch) {
  const binary = join(root, "target/release/lethe");
  if (!existsSync(binary)) throw new Error("target/release/lethe is missing; run `cargo build --release --features cli`");
  const [input, output] = [join(scratch, "command-in"), join(scratch, "command-out")];
  mkdirSync(input);
  files.forEach((path, i) => copyFileSync(path, join(input, `${i}.dcm`)));
  run(binary, input, output, "--key", key, "--now", now);
  return hashes(output);
}

/**
 * SHA-256 of each file in a folder, by its path in it.
 * @param {string} folder
 */
export function hashes(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  const hash = (/** @type {string} */ path) => createHash("sha256").update(readFileSync(path)).digest("hex");
  return Object.fromEntries(paths.map((path) => [relative(folder, path), hash(path)]));
}
