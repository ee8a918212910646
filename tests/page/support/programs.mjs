import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
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
