import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Runs a program; its output, or an error when it fails.
 * @param {string} command
 * @param {string[]} args
 */
export function run(command, ...args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

/**
 * What a Python text prints, as JSON.
 * @param {string} text
 * @param {string[]} args
 */
export const python = (text, ...args) => JSON.parse(run("python3", "-c", text, ...args));

/**
 * A path in a folder that goes with the test.
 * @param {import("node:test").TestContext} t
 * @param {string} [name]
 */
export function scratch(t, name = "") {
  const folder = mkdtempSync(join(tmpdir(), "lethe-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}
