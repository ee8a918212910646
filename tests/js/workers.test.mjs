import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { fakePackage } from "./support/fake-package.mjs";
import { scratch } from "./support/programs.mjs";

const lethe = await fakePackage("workers");

/**
 * A de-identifier that is closed with the test.
 * @param {import("node:test").TestContext} t
 * @param {import("../../www/lib/types.js").Settings} settings
 */
async function open(t, settings) {
  const deidentifier = await lethe.open(settings);
  t.after(() => deidentifier.close());
  return deidentifier;
}

/**
 * What happened to files with these texts, by text.
 * @param {import("../../www/lib/types.js").Deidentifier} deidentifier
 * @param {string[]} texts
 */
async function outcomes(deidentifier, texts) {
  /** @type {Record<string, string>} */
  const found = {};
  for await (const outcome of deidentifier.deidentifyAll(texts.map((text) => ({ name: text, file: new Blob([text]) }))))
    found[outcome.source] = outcome.ok ? await outcome.blob.text() : outcome.error.code;
  return found;
}

/** @param {string[]} texts */
const same = (texts) => Object.fromEntries(texts.map((text) => [text, text]));

test("files that trap, hang or are refused are refused alone, in real workers", async (t) => {
  const good = Array.from({ length: 40 }, (_, i) => `file ${i}`);
  const texts = [...good.slice(0, 10), "trap", ...good.slice(10, 20), "late trap", ...good.slice(20, 30), "hang", "refuse", ...good.slice(30)];
  const deidentifier = await open(t, { workers: 2, patience: 1 });
  const found = await outcomes(deidentifier, texts);
  assert.deepEqual(found, { ...same(good), trap: "internal", "late trap": "internal", hang: "internal", refuse: "truncated" });
});

test("there are as many workers as processors, and no more than eight", async (t) => {
  const { pool } = /** @type {any} */ (await open(t, {}));
  assert.equal(pool.room, 4 * Math.min(availableParallelism(), 8));
  const { pool: least } = /** @type {any} */ (await open(t, { workers: NaN }));
  assert.equal(least.room, 4, "what is no number is one");
});

test("a file that takes long and gives signs of life is not given up", async (t) => {
  const deidentifier = await open(t, { workers: 1, patience: 0.3 });
  assert.deepEqual(await outcomes(deidentifier, ["wait:1500", "a"]), same(["wait:1500", "a"]));
});

test("files by path that shared a worker with one that traps are begun again", async (t) => {
  const folder = scratch(t);
  const deidentifier = await open(t, { workers: 1 });
  const texts = ["a", "b", "trap", "c", "d"];
  for (const text of texts) writeFileSync(`${folder}/${text}`, text);
  const done = await Promise.allSettled(texts.map((text) => deidentifier.deidentifyFile(`${folder}/${text}`, `${folder}/${text}.out`)));
  assert.deepEqual(done.map((one) => (one.status === "fulfilled" ? one.value.name : one.reason.code)), ["a.dcm", "b.dcm", "internal", "c.dcm", "d.dcm"]);
  const written = readdirSync(folder).filter((name) => !texts.includes(name)).sort();
  assert.deepEqual(written, ["a.out", "b.out", "c.out", "d.out"]);
  for (const name of written) assert.equal(readFileSync(`${folder}/${name}`, "utf8"), name[0]);
});

test("abort ends workers that hang", async () => {
  const stop = new AbortController();
  const deidentifier = await lethe.open({ workers: 1, signal: stop.signal });
  const hanging = deidentifier.deidentify(new Blob(["hang"]));
  setTimeout(() => stop.abort(new Error("enough")), 50);
  await assert.rejects(hanging, /enough/);
  await assert.rejects(deidentifier.deidentify(new Blob(["a"])), /enough/);
  await assert.rejects(lethe.open({ signal: stop.signal }), /enough/);
});

test("one file can be cancelled, and the rest goes on", async (t) => {
  const stop = new AbortController();
  const deidentifier = await open(t, { workers: 1 });
  const hanging = deidentifier.deidentify(new Blob(["hang"]), { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("not this one")), 50);
  await assert.rejects(hanging, /not this one/);
  const { blob, name } = await deidentifier.deidentify(new Blob(["a"]));
  assert.deepEqual([await blob.text(), name], ["a", "a.dcm"]);
});

test("what inflates is asked for with the first deflated file, and once", async (t) => {
  const deidentifier = await open(t, { workers: 1 });
  const text = async (/** @type {string} */ what) => (await deidentifier.deidentify(new Blob([what]))).blob.text();
  assert.deepEqual([await text("a"), await text("provided")], ["a", "0"]);
  assert.deepEqual(await Promise.all(["deflated:1", "deflated:2", "b"].map(text)), ["deflated:1", "deflated:2", "b"]);
  assert.deepEqual([await text("deflated:3"), await text("provided")], ["deflated:3", "1"]);
});

test("where what inflates cannot be had, deflated files are refused, and the next one asks again", async (t) => {
  t.mock.method(globalThis, "setInterval", () => 0); // which would go on as long as a worker
  const { serve } = await import(new URL("../../target/fake-npm/workers/worker.js", import.meta.url).href);
  /** @type {any[]} */
  const said = [];
  let hear = (/** @type {{ data: object }} */ _) => {};
  serve({ postMessage: (/** @type {any} */ message) => said.push(message), addEventListener: (/** @type {string} */ _, /** @type {typeof hear} */ listener) => (hear = listener) });
  const plan = new TextEncoder().encode("[]");
  hear({ data: { start: { module: null, data: {}, settings: { plan }, beat: 1e6 } } });
  const answers = [];
  for (const supply of [null, {}]) {
    hear({ data: { id: answers.length, task: { what: "deidentify", file: new Blob(["deflated"]) } } });
    while (said.at(-1).needs !== "deflate") await new Promise((resolve) => setImmediate(resolve));
    hear({ data: { supply } });
    while (said.at(-1).id !== answers.length) await new Promise((resolve) => setImmediate(resolve));
    answers.push(said.at(-1).error?.code ?? JSON.parse(said.at(-1).value[1]).report.name);
  }
  assert.deepEqual(answers, ["internal", "deflated.dcm"]);
});

test("bad settings are an error with a place", async () => {
  await assert.rejects(lethe.open({ config: "bad" }), { name: "SettingsError", code: "settings", line: 1, column: 2, index: 0, message: "not json" });
});

test("what needs no file is answered at once", async (t) => {
  const deidentifier = await open(t, {});
  assert.deepEqual(deidentifier.explain(), [{ address: "(0010,0010)" }]);
  assert.deepEqual(deidentifier.warnings(), []);
  assert.deepEqual(await deidentifier.inspect(new Blob(["x"])), [{ path: "x" }]);
  assert.equal((await lethe.version()).engine, "fake");
  assert.equal((await lethe.randomKey()).length, 32);
});

test("an engine that no worker can start is an error of open, not a wait", async () => {
  Object.assign(globalThis, { testThread: true }); // which a worker's is not
  await assert.rejects(lethe.open({ config: "no start" }), { name: "DicomError", code: "internal", message: /no worker can be started/ });
});

test("both entries export the same, so that a program can be rendered on a server", async () => {
  const browser = await import(new URL("../../target/fake-npm/workers/index.js", import.meta.url).href);
  const names = ["DicomError", "SettingsError", "check", "crosswalk", "decrypt", "encrypt", "folder", "intake", "open", "patients", "randomKey", "save", "tar", "version", "zip"];
  assert.deepEqual([Object.keys(browser).sort(), Object.keys(lethe).sort()], [names, names]);
});

test("a closed de-identifier does nothing more", async () => {
  const deidentifier = await lethe.open();
  await deidentifier.close();
  await assert.rejects(deidentifier.deidentify(new Blob(["a"])), { name: "AbortError" });
});

test("a path that does not exist, or is the output too, is an error without the path", async (t) => {
  const folder = scratch(t);
  writeFileSync(`${folder}/in`, "x");
  const deidentifier = await open(t, { workers: 1 });
  const missing = await deidentifier.deidentifyFile(`${folder}/nowhere`, `${folder}/out`).catch((/** @type {any} */ error) => error);
  assert.deepEqual([missing.name, missing.code, missing.message], ["DicomError", "read", "the file cannot be opened (ENOENT)"]);
  await assert.rejects(deidentifier.deidentifyFile(`${folder}/in`, `${folder}/in`), { code: "write" });
  assert.equal(readFileSync(`${folder}/in`, "utf8"), "x");
  assert.deepEqual([existsSync(`${folder}/out`), readdirSync(folder)], [false, ["in"]]);
});
