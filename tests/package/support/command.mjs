import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { corpus } from "../../js/support/corpus.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export const key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
export const now = "20240229123456789";

/** Real files of all kinds, small enough to go through a browser four times. */
export function someFiles() {
  const files = corpus().filter((path) => statSync(path).size < 400_000);
  if (files.length < 60) throw new Error(`only ${files.length} small files are in the corpus`);
  return files;
}

/**
 * What the command makes of files, as lines of output name and SHA-256.
 * @param {string[]} files
 * @param {string} scratch
 * @param {{ config?: object, jobs?: number }} [options]
 */
export function commandOutputs(files, scratch, options) {
  return hashes(commandFolder(files, scratch, options));
}

/**
 * The folder that the command fills with what it makes of files.
 * @param {string[]} files
 * @param {string} scratch
 * @param {{ config?: object, jobs?: number }} [options]
 */
export function commandFolder(files, scratch, { config = {}, jobs = 2 } = {}) {
  const binary = process.env.LETHE ?? join(root, "target/release/lethe");
  if (!existsSync(binary)) throw new Error("the command is missing; run `cargo build --release --features cli`");
  const [input, output] = [join(scratch, "command-in"), join(scratch, "command-out")];
  mkdirSync(input, { recursive: true });
  files.forEach((path, i) => copyFileSync(path, join(input, `${i}.dcm`)));
  const settings = join(scratch, "settings.json");
  writeFileSync(settings, JSON.stringify(config));
  const { status, stderr } = spawnSync(binary, [input, output, "--config", settings, "--jobs", String(jobs), "--key", key, "--now", now], { encoding: "utf8" });
  // 2: some files were refused, and the corpus has some to refuse.
  if (status !== 0 && status !== 2) throw new Error(`lethe ended with ${status}: ${stderr}`);
  return output;
}

/**
 * The files in a folder, as lines of path and SHA-256. Two inputs that are the same instance meet in one name; which of
 * them gets the number depends on which came first, so it is taken off.
 * @param {string} folder
 */
export function hashes(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  const hash = (/** @type {string} */ path) => createHash("sha256").update(readFileSync(path)).digest("hex");
  return paths.map((path) => `${relative(folder, path).replace(/^(.*\/\d+-[^/-]+)-\d+\.dcm$/, "$1.dcm")} ${hash(path)}`).sort();
}
