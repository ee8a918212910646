import assert from "node:assert/strict";
import { test } from "node:test";
import { batch } from "../../www/lib/batch.js";
import { DicomError } from "../../www/lib/errors.js";

/** @import { Item } from "../../www/lib/types.js" */

/** Items called "0", "1", … and how they are used. @param {number} count */
function source(count) {
  const seen = { taken: 0, ended: false };
  /** @returns {AsyncGenerator<Item>} */
  async function* items() {
    try {
      for (; seen.taken < count; ) yield { name: String(seen.taken++), file: new Blob([]) };
    } finally {
      seen.ended = true;
    }
  }
  return { seen, items: items() };
}

/** Work that is done when the test says so. */
function works() {
  /** @type {{ finish(): void, fail(error: unknown): void, cancel: AbortSignal }[]} */
  const started = [];
  /** @type {Parameters<typeof batch>[1]} */
  const work = (blob, cancel) =>
    new Promise((resolve, reject) => {
      const name = String(started.length);
      const report = /** @type {any} */ ({ name });
      started.push({ finish: () => resolve({ blob, name, report }), fail: reject, cancel });
      cancel.addEventListener("abort", () => reject(cancel.reason));
    });
  return { started, work };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 10));

test("as many files are asked for as there is room, and no more", async () => {
  const { seen, items } = source(100);
  const { started, work } = works();
  const outcomes = batch(items, work, { room: 4, signals: [] });
  await settled();
  assert.equal(seen.taken, 0, "nothing before the first outcome is asked for");
  const first = outcomes.next();
  await settled();
  assert.deepEqual([seen.taken, started.length], [4, 4]);
  started[2].finish();
  assert.equal((await first).value?.source, "2", "the one that finished first comes first");
  for (const { finish } of started) finish();
  await settled();
  assert.equal(started.length, 5, "outcomes nobody took hold the next files back");
  await outcomes.return();
});

test("every file gives one outcome, in the order they finish", async () => {
  const waits = [30, 1, 20, 10];
  /** @type {Item[]} */
  const items = waits.map((ms) => ({ name: String(ms), file: new Blob(["x".repeat(ms)]) }));
  /** @type {Parameters<typeof batch>[1]} */
  const work = async (blob) => {
    await new Promise((resolve) => setTimeout(resolve, blob.size * 3));
    return { blob, name: "", report: /** @type {any} */ ({}) };
  };
  const names = [];
  for await (const outcome of batch(items, work, { room: 4, signals: [] })) names.push(outcome.source);
  assert.deepEqual(names, ["1", "10", "20", "30"]);
});

test("a refused file and one that could not be opened are outcomes; the batch goes on", async () => {
  const broken = new DicomError({ code: "read", message: "the file or folder cannot be read" });
  const refusal = new DicomError({ code: "truncated", message: "too short" });
  /** @type {Item[]} */
  const items = [{ name: "a", error: broken }, { name: "b", file: new Blob(["bad"]) }, { name: "c", file: new Blob(["good"]) }];
  /** @type {Parameters<typeof batch>[1]} */
  const work = async (blob) => {
    if ((await blob.text()) === "bad") throw refusal;
    return { blob, name: "out", report: /** @type {any} */ ({}) };
  };
  /** @type {Record<string, unknown>} */
  const found = {};
  for await (const outcome of batch(items, work, { room: 8, signals: [] })) found[outcome.source] = outcome.ok || outcome.error;
  assert.deepEqual(found, { a: broken, b: refusal, c: true });
});

test("leaving the loop cancels what is under way and ends the source", async () => {
  const { seen, items } = source(100);
  const { started, work } = works();
  for await (const outcome of (setTimeout(() => started[0].finish(), 5), batch(items, work, { room: 3, signals: [] }))) {
    assert.equal(outcome.source, "0");
    break;
  }
  assert.equal(seen.ended, true);
  assert.deepEqual(started.slice(1).map(({ cancel }) => cancel.aborted), started.slice(1).map(() => true));
});

test("abort ends the loop with the signal's reason, even while the source hangs", async () => {
  const stop = new AbortController();
  let ended = false;
  const hanging = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: async () => ((ended = true), { done: true, value: undefined }) }) };
  const loop = batch(/** @type {AsyncIterable<Item>} */ (hanging), works().work, { room: 3, signals: [stop.signal] }).next();
  setTimeout(() => stop.abort(new Error("enough")), 5);
  await assert.rejects(loop, /enough/);
  assert.equal(ended, true);
});

test("an error of the source, or of the machinery, ends the loop with it", async () => {
  async function* failing() {
    yield { name: "a", file: new Blob([]) };
    throw new Error("the source broke");
  }
  const { started, work } = works();
  const loop = batch(failing(), work, { room: 3, signals: [] }).next();
  await assert.rejects(loop, /the source broke/);
  assert.equal(started[0].cancel.aborted, true);
  await assert.rejects(batch([{ name: "a", file: new Blob([]) }], async () => assert.fail("closed"), { room: 1, signals: [] }).next(), /closed/);
});
