import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { Deidentifier } from "./deidentifier.js";
import { asError, DicomError } from "./errors.js";
import { fail } from "./node-rewrite.js";

/** @import { Cancel, FileReport, Link } from "./types.js" */

/** Node's de-identifier: files by path too. */
export class FileDeidentifier extends Deidentifier {
  /**
   * De-identifies the file at `path` into `outPath`, which appears when it is whole.
   * @param {string} path
   * @param {string} outPath
   * @param {Cancel & { onLinks?: (links: Link[]) => void }} [options]
   * @returns {Promise<FileReport>}
   */
  async deidentifyFile(path, outPath, { signal, onLinks } = {}) {
    const [from, target] = [resolve(path), resolve(outPath)];
    if (await same(from, target)) throw new DicomError({ code: "write", message: "the output would overwrite the input; name another" });
    const to = `${target}.${randomUUID()}.part`;
    try {
      await mkdir(dirname(target), { recursive: true }).catch(fail("write", "the output's folder cannot be made"));
      const told = await this.pool.run({ what: "rewrite", from, to }, signal);
      const { report, links } = JSON.parse(told);
      await rename(to, target).catch(fail("write", "the output cannot be put in its place"));
      onLinks?.(links);
      return report;
    } catch (thrown) {
      await rm(to, { force: true }).catch(() => {});
      throw asError(thrown);
    }
  }
}

/**
 * True when both paths are one file, links included.
 * @param {string} one
 * @param {string} other
 */
async function same(one, other) {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path, { bigint: true }).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
