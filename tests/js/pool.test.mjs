import assert from "node:assert/strict";
import { test } from "node:test";
import { Pool } from "../../www/lib/pool.js";

/** @import { Handlers } from "../../www/lib/pool.js" */

/** Workers the test plays: what each was sent, and the means to answer. */
function crew() {
  /** @type {Hand[]} */
  const hands = [];
  const state = { closed: false };
  /** @param {Handlers} handlers */
  const hire = (handlers) => {
    const hand = new Hand(handlers);
    hands.push(hand);
    return hand.channel;
  };
  return { hands, state, crew: { processors: 2, hire, close: () => void (state.closed = true) } };
}

class Hand {
  /** @type {{ id: number, task: { what: string } }[]} */
  jobs = [];
  /** @type {number[]} */
  cancelled = [];
  ended = false;
  /** @type {unknown[]} */
  supplied = [];
  /** @type {any} */
  start;
  busy = false;

  /** @param {Handlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.channel = {
      post: (/** @type {any} */ message) => {
        if (message.start) this.start = message.start;
        else if (message.cancel) this.cancelled.push(message.cancel);
        else if ("supply" in message) this.supplied.push(message.supply);
        else this.jobs.push(message);
      },
      end: () => void (this.ended = true),
      hold: (/** @type {boolean} */ busy) => void (this.busy = busy),
    };
  }

  get tasks() {
    return this.jobs.map(({ task }) => task.what);
  }

  ready() {
    this.handlers.onMessage({ ready: true });
    return this;
  }

  /** @param {string} what */
  answer(what, message = /** @type {object} */ ({ value: `${what} done` })) {
    const at = this.tasks.indexOf(what);
    const [job] = this.jobs.splice(at, 1);
    this.handlers.onMessage({ id: job.id, ...message });
  }

  crash() {
    this.handlers.onMessage({ crashed: true });
  }
}

/** @param {Promise<unknown>[]} promises */
const results = async (promises) =>
  (await Promise.allSettled(promises)).map((one) => (one.status === "fulfilled" ? one.value : one.reason.code ?? one.reason.message));

const options = { limit: 2, patience: 60 };

test("jobs are spread over the workers, four for each, and the rest wait", async () => {
  const { hands, crew: c } = crew();
  const pool = new Pool(c, { module: "m", settings: "s" }, options);
  assert.equal(hands.length, 0, "no worker before there is work");
  const jobs = Array.from("abcdefghij", (what) => pool.run({ what }));
  assert.deepEqual(hands.map(({ tasks }) => tasks.join("")), ["aceg", "bdfh"]);
  assert.deepEqual(hands.map(({ start }) => [start.module, start.settings]), [["m", "s"], ["m", "s"]], "all get the same engine");
  hands[1].ready().answer("d");
  assert.equal(hands[1].tasks.join(""), "bfhi");
  assert.equal(pool.room, 8);
  for (const hand of hands) while (hand.jobs.length) hand.answer(hand.tasks[0]);
  assert.deepEqual(await results(jobs), Array.from("abcdefghij", (what) => `${what} done`));
  assert.deepEqual(hands.map(({ busy }) => busy), [false, false]);
  pool.close(new Error("over"));
});

test("where workers take many jobs they share them, and each still takes four", async () => {
  for (const [limit, each] of [[2, 10], [3, 7], [6, 4]]) {
    const { hands, crew: c } = crew();
    const pool = new Pool({ ...c, jobs: 20 }, {}, { limit, patience: 60 });
    const jobs = Array.from({ length: 50 }, () => pool.run({ what: "a" }));
    assert.deepEqual(hands.map(({ jobs }) => jobs.length), Array(limit).fill(each));
    assert.equal(pool.room, limit * 4, "what comes of a batch is held");
    pool.close(new Error("over"));
    await Promise.allSettled(jobs);
  }
});

test("a worker gets the module that it asks for, or learns that it cannot be had", async () => {
  const { hands, crew: c } = crew();
  const answers = [Promise.reject(new Error("gone")), Promise.resolve("m")];
  const pool = new Pool(c, {}, { limit: 1, patience: 60, supply: () => /** @type {Promise<unknown>} */ (answers.shift()) });
  const job = pool.run({ what: "a" });
  for (const expected of [[null], [null, "m"]]) {
    hands[0].handlers.onMessage({ needs: "deflate" });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(hands[0].supplied, expected);
  }
  hands[0].answer("a");
  assert.equal(await job, "a done");
  pool.close(new Error("over"));
});

test("a worker that traps is replaced, and only the file that did it is refused", async () => {
  const { hands, crew: c } = crew();
  const pool = new Pool(c, {}, { limit: 1, patience: 60 });
  const jobs = Array.from("abc", (what) => pool.run({ what }));
  hands[0].ready().crash();
  assert.equal(hands[0].ended, true);
  assert.deepEqual(hands[1].tasks, ["a"], "each is tried again, alone");
  hands[1].ready().answer("a");
  assert.deepEqual(hands[1].tasks, ["b"]);
  hands[1].crash();
  assert.deepEqual(hands[2].tasks, ["c"]);
  hands[2].ready().answer("c");
  assert.deepEqual(await results(jobs), ["a done", "internal", "c done"]);
  const late = pool.run({ what: "d" });
  assert.deepEqual(hands[2].tasks, ["d"], "the replacement goes on");
  hands[2].answer("d");
  assert.equal(await late, "d done");
  pool.close(new Error("over"));
});

test("a suspect has its worker to itself, other files go on elsewhere", async () => {
  const { hands, crew: c } = crew();
  const pool = new Pool(c, {}, options);
  const jobs = Array.from("abcd", (what) => pool.run({ what })); // ac, bd
  hands[1].ready();
  hands[0].ready().crash();
  assert.deepEqual(hands[2].tasks, ["a"]);
  jobs.push(pool.run({ what: "e" }));
  assert.deepEqual([hands[1].tasks.join(""), hands[2].tasks.join("")], ["bde", "a"]);
  hands[2].ready().answer("a");
  hands[2].answer("c");
  for (const what of "bde") hands[1].answer(what);
  assert.deepEqual(await results(jobs), Array.from("abcde", (what) => `${what} done`));
  pool.close(new Error("over"));
});

test("what a worker says after it trapped is not heard", async () => {
  const { hands, crew: c } = crew();
  const pool = new Pool(c, {}, { limit: 1, patience: 60 });
  const job = pool.run({ what: "a" });
  hands[0].ready().crash();
  await assert.rejects(job, { code: "internal" });
  hands[0].answer("a");
  pool.close(new Error("over"));
});

test("a worker without a sign of life is replaced; one that gives signs is not", async () => {
  const { hands, crew: c } = crew();
  const pool = new Pool(c, {}, { limit: 2, patience: 0.2 });
  const jobs = [pool.run({ what: "hangs" }), pool.run({ what: "works" })];
  hands[0].ready();
  hands[1].ready();
  const pulse = setInterval(() => hands[1].handlers.onMessage({ alive: true }), hands[1].start.beat);
  await assert.rejects(jobs[0], { code: "internal" });
  assert.deepEqual(hands.map(({ ended }) => ended), [true, false]);
  clearInterval(pulse);
  hands[1].answer("works");
  assert.equal(await jobs[1], "works done");
  pool.close(new Error("over"));
});

test("a worker that cannot start is not replaced for ever", async () => {
  const { hands, crew: c } = crew();
  const pool = new Pool(c, {}, options);
  const jobs = [pool.run({ what: "a" }), pool.run({ what: "b" })];
  hands[0].ready();
  hands[1].crash();
  assert.deepEqual(hands[0].tasks, ["a", "b"], "the others take over");
  for (const what of "ab") hands[0].answer(what);
  assert.deepEqual(await results(jobs), ["a done", "b done"]);
  assert.equal(hands.length, 2);
  const none = crew();
  const helpless = new Pool(none.crew, {}, options);
  const stranded = [helpless.run({ what: "a" })];
  none.hands[0].crash();
  assert.deepEqual(await results(stranded), ["internal"]);
  pool.close(new Error("over"));
  helpless.close(new Error("over"));
});

test("a refusal is an error of its file alone", async () => {
  const { hands, crew: c } = crew();
  const pool = new Pool(c, {}, { limit: 1, patience: 60 });
  const jobs = [pool.run({ what: "a" }), pool.run({ what: "b" })];
  hands[0].ready().answer("a", { error: { code: "truncated", message: "short", offset: 3, leftOut: false } });
  hands[0].answer("b");
  await assert.rejects(jobs[0], { name: "DicomError", code: "truncated", message: "short", offset: 3, leftOut: false });
  assert.equal(await jobs[1], "b done");
  pool.close(new Error("over"));
});

test("cancelling takes a job out; a worker nobody waits for is ended", async () => {
  const { hands, crew: c } = crew();
  const pool = new Pool(c, {}, { limit: 1, patience: 60 });
  const [one, other] = [new AbortController(), new AbortController()];
  const jobs = [pool.run({ what: "a" }, one.signal), pool.run({ what: "b" }, other.signal)];
  hands[0].ready();
  one.abort(new Error("not a"));
  assert.equal(hands[0].ended, false);
  assert.equal(hands[0].cancelled.length, 1);
  other.abort(new Error("not b"));
  assert.equal(hands[0].ended, true);
  assert.deepEqual(await results(jobs), ["not a", "not b"]);
  await assert.rejects(pool.run({ what: "c" }, one.signal), /not a/);
  const next = pool.run({ what: "d" });
  hands[1].ready().answer("d");
  assert.equal(await next, "d done");
  pool.close(new Error("over"));
});

test("closing ends all workers and rejects what is pending", async () => {
  const { hands, state, crew: c } = crew();
  const pool = new Pool(c, {}, options);
  const jobs = Array.from("abcdefghij", (what) => pool.run({ what }));
  pool.close(new Error("over"));
  assert.deepEqual(await results(jobs), Array(10).fill("over"));
  assert.deepEqual([hands.every(({ ended }) => ended), state.closed], [true, true]);
  await assert.rejects(pool.run({ what: "k" }), /over/);
});
