// Three patients with three studies each while dates move: intervals stay, no original date does, and neither order nor
// workers nor where the engine runs changes a byte. It needs `cargo xtask pack` and the command.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { commandOutputs, key as hex, now } from "../package/support/command.mjs";
import { dates, dayOf, images, settings, writeImages } from "./support/longitudinal.mjs";
import { scratch } from "./support/programs.mjs";

/** @type {typeof import("../../www/lib/node.js")} */
const lethe = await import(new URL("../../target/npm/node.js", import.meta.url).href);
const key = Buffer.from(hex, "hex");
const originals = images();

/** What becomes of each image: its name and its bytes. @param {number} workers @param {boolean} backwards */
async function outputs(workers, backwards) {
  const deidentifier = await lethe.open({ config: settings, key, now, workers });
  /** @type {{ name: string, file: Buffer }[]} */
  const found = [];
  try {
    const items = originals.map(({ file }, at) => ({ name: String(at), file: new Blob([Uint8Array.from(file)]) }));
    for await (const outcome of deidentifier.deidentifyAll(backwards ? items.reverse() : items)) {
      if (!outcome.ok) throw outcome.error;
      found[Number(outcome.source)] = { name: outcome.name, file: Buffer.from(await outcome.blob.arrayBuffer()) };
    }
  } finally {
    await deidentifier.close();
  }
  return found;
}

/** @param {{ name: string, file: Buffer }[]} found */
const lines = (found) => found.map(({ name, file }) => `${name} ${createHash("sha256").update(file).digest("hex")}`).sort();

test("intervals stay, and no original date does", async (t) => {
  const found = await outputs(2, false);
  /** @type {Set<number>[]} */
  const shifts = [new Set(), new Set(), new Set()];
  for (const [at, { patient, file }] of originals.entries()) {
    const [before, after] = [dates(file), dates(found[at].file)];
    assert.ok(before.length >= 9);
    assert.equal(after.length, before.length, "a date is missing");
    after.forEach((date, i) => shifts[patient].add(dayOf(date) - dayOf(before[i])));
    for (const date of before) assert.ok(!found[at].file.includes(date), "an original date stands in the output");
  }
  assert.ok(shifts.every(({ size }) => size === 1), "a patient has more than one shift");
  const days = shifts.flatMap((all) => [...all]);
  assert.equal(new Set(days).size, 3, "patients share a shift");
  assert.ok(days.every((shift) => shift <= -1 && shift >= -3652));
  t.diagnostic(`inputs ${originals.length}`);
});

test("order and workers change no byte, and the command gives the same", async (t) => {
  const expected = lines(await outputs(1, false));
  assert.equal(new Set(expected).size, originals.length);
  for (const [workers, backwards] of /** @type {[number, boolean][]} */ ([[4, false], [1, true], [4, true]]))
    assert.deepEqual(lines(await outputs(workers, backwards)), expected, `${workers} workers, ${backwards ? "backwards" : "in order"}`);
  for (const [jobs, backwards] of /** @type {[number, boolean][]} */ ([[1, false], [4, true]])) {
    const folder = scratch(t);
    const files = writeImages(`${folder}/images`, backwards).sort();
    assert.deepEqual(commandOutputs(files, folder, { config: settings, jobs }), expected, `the command with ${jobs} jobs`);
  }
});
