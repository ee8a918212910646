import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { budget } from "../../www/lib/budget.js";

/** Work that the test ends, by name, and what has begun so far. */
function works() {
  const within = budget(10);
  /** @type {string[]} */
  const begun = [];
  /** @type {Record<string, { resolve: (value: string) => void, reject: (reason: Error) => void }>} */
  const ends = {};
  /** @param {string} name @param {number} need */
  const ask = (name, need) =>
    within(need, () => {
      begun.push(name);
      return new Promise((/** @type {(value: string) => void} */ resolve, reject) => (ends[name] = { resolve, reject }));
    });
  return { begun, ends, ask };
}

test("what finds no room waits for it, and what asks later waits behind it", async () => {
  const { begun, ends, ask } = works();
  const asked = [ask("a", 4), ask("b", 4), ask("c", 8), ask("d", 1), ask("e", 0)];
  await setImmediate();
  assert.deepEqual(begun, ["a", "b"]);
  ends.a.resolve("a");
  await setImmediate();
  assert.deepEqual(begun, ["a", "b"], "c needs 8 of 6");
  ends.b.resolve("b");
  await setImmediate();
  assert.deepEqual(begun, ["a", "b", "c", "d", "e"]);
  for (const name of ["c", "d", "e"]) ends[name].resolve(name);
  assert.deepEqual(await Promise.all(asked), ["a", "b", "c", "d", "e"]);
});

test("work that fails gives its room back", async () => {
  const { begun, ends, ask } = works();
  const [first, second] = [ask("a", 10), ask("b", 10)];
  await setImmediate();
  ends.a.reject(new Error("broken"));
  await assert.rejects(first, { message: "broken" });
  await setImmediate();
  assert.deepEqual(begun, ["a", "b"]);
  ends.b.resolve("b");
  assert.equal(await second, "b");
});
