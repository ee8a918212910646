import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { walk } from "./corpus.mjs";
import { ROOT } from "./setup.mjs";

const python = [process.env.PYTHON, join(ROOT, "target/venv/bin/python")].find((path) => path && existsSync(path)) ?? "python3";

/** Runs a program; its output, or an error if it fails. @param {string} program @param {string[]} args @param {string} [input] */
export function run(program, args, input = "") {
  const { status, stdout, stderr, error } = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error || status !== 0) throw error ?? new Error(`${program} ended with ${status}: ${stderr || stdout}`);
  return stdout;
}

/** Runs a Python program. @param {string[]} args @param {string} [input] */
export const runPython = (args, input) => run(python, args, input);

/** Unpacks an archive with Python's own modules; gives the names in it. @param {string} archive @param {string} folder @returns {string[]} */
export function unpack(archive, folder) {
  const code = `import json, sys, tarfile, zipfile
path, folder = sys.argv[1:]
opened = zipfile.ZipFile(path) if path.endswith(".zip") else tarfile.open(path)
opened.extractall(folder)
json.dump(opened.namelist() if path.endswith(".zip") else opened.getnames(), sys.stdout)`;
  return JSON.parse(runPython(["-c", code, archive, folder]));
}

/**
 * What tests/page/check_clean.py says about each pair.
 * @param {{ original: string, output: string }[]} pairs
 * @returns {{ leaks: string[], searched: number, syntax: string, pixels: boolean }[]}
 */
export function checkClean(pairs) {
  return JSON.parse(runPython([join(ROOT, "tests/page/check_clean.py")], JSON.stringify(pairs)));
}

/** The sums of files by SHA-256, sorted; files that are the same count once, as the command writes them. @param {string[]} paths */
export const sums = (paths) => [...new Set(paths.map((path) => createHash("sha256").update(readFileSync(path)).digest("hex")))].sort();

/** What the command makes of a folder under a key: the sums of its outputs. @param {string} folder @param {string} out @param {string} key its file */
export function cleaned(folder, out, key) {
  const { status, stderr } = spawnSync(process.env.LETHE ?? join(ROOT, "target/release/lethe"), [folder, out, "--key", key, "--quiet"], { encoding: "utf8" });
  if (status !== 0 && status !== 2) throw new Error(`the command ended with ${status}: ${stderr}`);
  return sums(walk(out));
}
