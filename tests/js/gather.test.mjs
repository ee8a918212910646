// Ranges that were read, as bytes. It needs `cargo xtask pack`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../target/npm/gather.js";

/** @typedef {import("../../www/lib/gather.js").Part} Part */

const FILE = Uint8Array.from({ length: 1000 }, (_, at) => (at * 7) % 251);
/** What was read. @param {[number, number][]} ranges */
const windows = (...ranges) => ranges.map(([at, end]) => ({ at, bytes: FILE.subarray(at, end) }));
/** What an output is, whatever it is made of. @param {Part[]} parts */
const whole = (parts) => Buffer.concat(parts.map((part) => (part instanceof Uint8Array ? part : FILE.subarray(...part))));
/** @param {Part[]} parts */
const shapes = (parts) => parts.map((part) => (part instanceof Uint8Array ? part.length : part));

test("ranges that were read become bytes, over the border of two reads too", () => {
  /** @type {Part[]} */
  const parts = [Uint8Array.of(1, 2), [10, 90], Uint8Array.of(3), [95, 105], [300, 400]];
  const made = gather(parts, windows([0, 100], [100, 320]));
  assert.deepEqual(shapes(made), [2 + 80 + 1 + 10, [300, 400]]);
  assert.deepEqual(whole(made), whole(parts));
});

test("what was not read, or not in this order, stays a range", () => {
  /** @type {[number, number][][]} */
  const reads = [[], [[0, 50], [60, 200]], [[100, 200], [0, 100]], [[0, 99]]];
  for (const read of reads) {
    const made = gather([[40, 140], Uint8Array.of(9)], windows(...read));
    assert.deepEqual(shapes(made), [[40, 140], 1]);
  }
  const twice = gather([[40, 140]], windows([0, 100], [50, 150]));
  assert.deepEqual(whole(twice), Buffer.from(FILE.subarray(40, 140)));
});

test("large ranges stay, and new bytes are not copied where nothing is beside them", () => {
  const large = new Uint8Array(1 << 20);
  const own = Uint8Array.of(5, 6);
  const made = gather([own, [0, 300 << 10], large.subarray(8, 12)], [{ at: 0, bytes: large }]);
  assert.deepEqual(shapes(made), [2, [0, 300 << 10], 4]);
  assert.equal(made[0], own);
  // A view would take all that it is part of along.
  assert.equal(/** @type {Uint8Array} */ (made[2]).buffer.byteLength, 4);
});
