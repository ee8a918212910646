// The packed package in Node, with the real engine, on real files. It needs `cargo xtask pack`.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { deflateRawSync, gunzipSync } from "node:zlib";
import { corpus } from "./support/corpus.mjs";
import { image } from "./support/images.mjs";
import { scratch } from "./support/programs.mjs";

/** @type {typeof import("../../www/lib/node.js")} */
const lethe = await import(new URL("../../target/npm/node.js", import.meta.url).href);
const key = new Uint8Array(32).map((_, i) => i);
const now = "20240229123456789";
const files = corpus();

/** @param {import("node:test").TestContext} t @param {import("../../www/lib/types.js").Settings} [settings] */
async function open(t, settings = {}) {
  const deidentifier = await lethe.open({ key, now, ...settings });
  t.after(() => deidentifier.close());
  return deidentifier;
}

/** @param {Blob} blob */
const bytes = async (blob) => Buffer.from(await blob.arrayBuffer());

const settings = { "as it is read": {}, "with bits cleared in its pixels": { config: { general: { unused_bits: "mask" } } } };
for (const [how, config] of Object.entries(settings))
  test(`a file ${how} becomes the same bytes by its path and as a Blob, and is refused for the same reason`, (t) => byPathAsBlob(t, config));

/** @param {import("node:test").TestContext} t @param {import("../../www/lib/types.js").Settings} settings */
async function byPathAsBlob(t, settings) {
  const folder = scratch(t);
  const deidentifier = await open(t, { workers: 2, ...settings });
  let done = 0;
  for (const [i, path] of files.entries()) {
    const out = `${folder}/${i}/out.dcm`;
    const [byBlob, byPath] = await Promise.allSettled([deidentifier.deidentify(new Blob([readFileSync(path)])), deidentifier.deidentifyFile(path, out)]);
    if (byBlob.status === "rejected" || byPath.status === "rejected") {
      assert.deepEqual(byPath, byBlob, path);
      assert.deepEqual(readdirSync(`${folder}/${i}`), [], "nothing is left of a refused file");
      continue;
    }
    const { blob, name, report } = byBlob.value;
    assert.ok(readFileSync(out).equals(await bytes(blob)), path);
    assert.deepEqual(byPath.value, report);
    assert.equal(report.name, name);
    assert.equal(report.outputBytes, blob.size, path);
    done += 1;
  }
  t.diagnostic(`${done} of ${files.length} files gave an output`);
  assert.ok(done >= Math.floor(files.length * 0.9), `only ${done} of ${files.length} files gave an output`);
}

test("order and number of workers change no byte", async (t) => {
  const some = files.slice(0, 60).map((path) => ({ name: path, file: new Blob([readFileSync(path)]) }));
  /** @param {typeof some} items @param {number} workers */
  const all = async (items, workers) => {
    const deidentifier = await open(t, { workers });
    /** @type {Map<string, string>} */
    const found = new Map();
    for await (const outcome of deidentifier.deidentifyAll(items))
      found.set(outcome.source, outcome.ok ? outcome.name + (await bytes(outcome.blob)).toString("base64") : outcome.error.code);
    return some.map(({ name }) => found.get(name) ?? "");
  };
  const [one, other] = [await all(some, 1), await all([...some].reverse(), 4)];
  assert.deepEqual(one, other);
  assert.ok(one.filter((text) => text.length > 1000).length > 50, "most files give an output");
});

test("what stands behind a deflated frame goes, though a worker that never inflated must ask for what that takes", async (t) => {
  const secret = Buffer.from("OKONKWO^ADA!");
  const file = new Blob([withFrame("1.2.840.10008.1.2.8.1", Buffer.concat([deflateRawSync(Buffer.alloc(64, 7)), secret]))]);
  const deidentifier = await open(t, { workers: 1, config: { general: { risk_unstated: "pass" } } });
  const folder = scratch(t);
  writeFileSync(`${folder}/in.dcm`, await bytes(file));
  for (const deidentify of [() => deidentifier.deidentify(file), () => deidentifier.deidentifyFile(`${folder}/in.dcm`, `${folder}/out.dcm`)]) {
    const done = await deidentify();
    const [report, out] = "blob" in done ? [done.report, await bytes(done.blob)] : [done, readFileSync(`${folder}/out.dcm`)];
    assert.equal(out.indexOf(secret), -1);
    assert.deepEqual(report.warnings.filter(({ code }) => code === "frames-not-checked"), []);
  }
});

// Node's code reads files of up to 2 MB and 8 MB in other buffers than larger ones, of which it reads 4 MB at once.
for (const size of [2, 4, 8, 12])
  for (const more of [-1000, 1000])
    test(`a compressed image of ${size} MB ${more < 0 ? "less" : "and"} 1000 bytes becomes the same by its path and as a Blob`, async (t) => {
      const data = Buffer.alloc(size * 1024 ** 2 + more, "a picture");
      const [secret, end] = [Buffer.from("OKONKWO^ADA!"), Buffer.from([0xff, 0xd9])];
      // ISO/IEC 10918-1 Annex B: Start of Image, Start of Scan, its data, a comment, End of Image.
      const frame = [Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2]), data, Buffer.from([0xff, 0xfe, 0, 2 + secret.length]), secret, end];
      const input = withFrame("1.2.840.10008.1.2.4.50", Buffer.concat(frame));
      const folder = scratch(t);
      writeFileSync(`${folder}/in.dcm`, input);
      const deidentifier = await open(t, { workers: 1, config: { general: { risk_unstated: "pass" } } });
      // Twice: the second is read into the first one's buffer.
      for (const out of [`${folder}/1.dcm`, `${folder}/2.dcm`]) {
        await deidentifier.deidentifyFile(`${folder}/in.dcm`, out);
        const [{ blob }, output] = [await deidentifier.deidentify(new Blob([input])), readFileSync(out)];
        assert.ok(output.equals(await bytes(blob)));
        assert.ok(output.includes(Buffer.concat([data.subarray(-100), end])) && output.length > data.length && !output.includes(secret));
      }
    });

test("more large files than a worker may hold are done in turn, whatever becomes of those before them", async (t) => {
  const folder = scratch(t);
  const paths = Array.from({ length: 12 }, (_, n) => `${folder}/${n}`);
  const isShort = (/** @type {number} */ n) => n % 4 === 3;
  // Each takes a quarter of what all may hold.
  for (const [n, path] of paths.entries()) writeFileSync(path, image("Okonkwo^Ada", n, 9_000_000).subarray(0, isShort(n) ? -1000 : undefined));
  const deidentifier = await open(t, { workers: 1 });
  /** @param {AbortSignal} [signal] for the last half */
  const all = (signal) => paths.map((path, n) => deidentifier.deidentifyFile(path, `${path}.out`, n >= 6 ? { signal } : {}).then(() => "done", ({ name, code }) => (name === "AbortError" ? name : code)));

  const stop = new AbortController();
  const cancelled = all(stop.signal);
  await Promise.race(cancelled);
  stop.abort();
  const results = await Promise.all(cancelled);
  const whole = paths.map((_, n) => (isShort(n) ? "truncated" : "done"));
  assert.deepEqual(results.slice(0, 6), whole.slice(0, 6));
  assert.ok(results.slice(6).includes("AbortError"), results.join());
  assert.deepEqual(await Promise.all(all()), whole, "what waited and was cancelled holds nothing");
  for (const path of paths.filter((_, n) => !isShort(n))) {
    const [input, output] = [readFileSync(path), readFileSync(`${path}.out`)];
    assert.ok(output.subarray(-9_000_000).equals(input.subarray(-9_000_000)) && !output.includes("Okonkwo"));
  }
});

/** An image of 8 × 8 pixels with one compressed frame (PS3.5 A.4). @param {string} syntax its Transfer Syntax @param {Buffer} frame */
function withFrame(syntax, frame) {
  /** @param {number} tag @param {string} vr @param {Buffer} value */
  const element = (tag, vr, value) => {
    const even = Buffer.concat([value, Buffer.alloc(value.length % 2)]);
    const header = Buffer.alloc(8);
    header.writeUInt16LE(tag >>> 16, 0);
    header.writeUInt16LE(tag & 0xffff, 2);
    header.write(vr, 4, "latin1");
    header.writeUInt16LE(even.length, 6);
    return Buffer.concat([header, even]);
  };
  const number = (/** @type {number} */ n) => Buffer.from([n, 0]);
  const item = (/** @type {Buffer} */ value) => {
    const header = Buffer.from([0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0]);
    header.writeUInt32LE(value.length, 4);
    return Buffer.concat([header, value]);
  };
  const texts = [[0x00080016, "1.2.840.10008.5.1.4.1.1.7"], [0x00080018, "1.2.3.4"], [0x0020000d, "1.2.3"], [0x0020000e, "1.2.3.1"]];
  const numbers = [[0x00280002, 1], [0x00280010, 8], [0x00280011, 8], [0x00280100, 8], [0x00280101, 8], [0x00280102, 7], [0x00280103, 0]];
  return Buffer.concat([
    Buffer.alloc(128), Buffer.from("DICM"), element(0x00020010, "UI", Buffer.from(syntax)),
    ...texts.map(([tag, text]) => element(Number(tag), "UI", Buffer.from(String(text)))),
    ...numbers.map(([tag, n]) => element(tag, "US", number(n))),
    Buffer.from([0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 255, 255, 255, 255]),
    item(Buffer.alloc(0)), item(Buffer.concat([frame, Buffer.alloc(frame.length % 2)])),
    Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
  ]);
}

test("another key gives other pseudonyms, a random one is the default", async (t) => {
  const file = new Blob([readFileSync(files.find((path) => path.endsWith("CT_small.dcm")) ?? files[0])]);
  const names = [];
  for (const settings of [{}, {}, { key: undefined }, { key: undefined }]) names.push((await (await open(t, settings)).deidentify(file)).name);
  assert.equal(new Set(names).size, 3);
  assert.equal(names[0], names[1]);
  assert.notDeepEqual(await lethe.randomKey(), await lethe.randomKey());
});

test("malformed settings are an error with line and column, before any file", async () => {
  const error = await lethe.open({ config: ["{}", '{\n  "general": [\n'] }).catch((thrown) => thrown);
  assert.ok(error instanceof lethe.SettingsError && error instanceof lethe.DicomError);
  assert.deepEqual([error.code, error.index, typeof error.line, typeof error.column], ["settings", 1, "number", "number"]);
  await assert.rejects(lethe.check("{"), { name: "SettingsError" });
  await assert.rejects(lethe.open({ key: new Uint8Array(3) }), { name: "SettingsError" });
  await assert.rejects(lethe.open({ now: "yesterday" }), { name: "SettingsError" });
});

test("settings as text, as an object and in parts mean the same", async (t) => {
  const config = { general: { "(0010,0010)": "clear" } };
  const forms = [JSON.stringify(config), config, [config], ["{}", JSON.stringify(config)]];
  const plans = [];
  for (const form of forms) plans.push((await open(t, { config: form, workers: 1 })).explain());
  for (const plan of plans) assert.deepEqual(plan, plans[0]);
  assert.ok(plans[0].length > 100);
});

test("values are taken from a table given as text or as a Blob, which no error repeats", async (t) => {
  const file = new Blob([readFileSync(files.find((path) => path.endsWith("CT_small.dcm")) ?? files[0])]);
  const config = { general: { preset: "none", PatientID: "set(@lookup(new id)@)" } };
  const csv = "PatientID,new id\n1CT1,\"Subject, 7\"\n";
  const outputs = [];
  for (const lookup of [csv, new Blob([csv])]) {
    const { blob } = await (await open(t, { config, lookup, workers: 1 })).deidentify(file);
    outputs.push((await bytes(blob)).toString("latin1"));
  }
  assert.ok(outputs[0].includes("Subject, 7"));
  assert.equal(outputs[0], outputs[1]);
  const other = await open(t, { config, lookup: "PatientID,new id\nnobody,Subject 8\n", workers: 1 });
  await assert.rejects(other.deidentify(file), { code: "refused", path: "(0010,0020)", message: "the lookup table has no row for this file" });
  for (const [lookup, message] of [
    [undefined, '"PatientID": @lookup(column)@ needs a table, which was not given'],
    ["PatientID,new id\n1CT1,a\n1CT1,b\n", "lookup table, line 3: the row has the same key as one above it; keep one"],
    [new Blob([new Uint8Array([0x4d, 0xfc])]), "lookup table: the text is not UTF-8"],
  ]) await assert.rejects(lethe.open({ config, lookup, key }), { name: "SettingsError", message });
  assert.equal((await lethe.check(config, csv)).rows, 1);
  assert.deepEqual(await lethe.check(config), { warnings: [], projects: [], rows: 0 });
  await assert.rejects(lethe.check(config, "PatientID,new\n"), { name: "SettingsError", line: 1, index: 0 });
});

test("what changes in a file is shown with the rule that changed it", async (t) => {
  const deidentifier = await open(t, { workers: 1 });
  const changes = await deidentifier.inspect(new Blob([readFileSync(files.find((path) => path.endsWith("CT_small.dcm")) ?? files[0])]));
  const name = changes.find(({ path }) => path === "(0010,0010)");
  assert.equal(name?.keyword, "PatientName");
  assert.ok(name.because.length > 0 && name.before.length > 0 && name.before !== name.after);
});

test("without its data files, or with others, the engine takes no settings", async () => {
  // Other instances of the bindings than the package's.
  /** @type {typeof import("../../www/lib/engine.js")} */
  const engine = await import(new URL("../../target/npm/engine.js?bare", import.meta.url).href);
  /** @type {typeof import("../../www/lib/settings.js")} */
  const compiler = await import(new URL("../../target/npm/settings.js?bare", import.meta.url).href);
  const { data } = await import(new URL("../../target/npm/data-inline.js", import.meta.url).href);
  const texts = Object.entries(JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString()));
  const module = (/** @type {string} */ name) => new WebAssembly.Module(readFileSync(new URL(`../../target/npm/${name}_bg.wasm`, import.meta.url)));
  engine.initSync({ module: module("engine") });
  compiler.initSync({ module: module("settings") });
  for (const [name, text] of texts) {
    const missing = { code: "internal", message: /^the data file [\w.]+ is missing; / };
    assert.throws(() => new engine.Engine({ plan: new Uint8Array(), key, now }), missing);
    assert.throws(() => new compiler.Compiled({ config: ["{}"] }), missing);
    assert.throws(() => compiler.check(["{}"]), missing);
    for (const { handOver } of [engine, compiler]) {
      assert.throws(() => handOver(name, `${text} `), { code: "internal", message: /is of another version/ });
      handOver(name, text);
    }
  }
  assert.ok(texts.length >= 3);
  const compiled = new compiler.Compiled({ config: ["{}"] });
  assert.ok(compiled.explain().some(({ keyword }) => keyword === "PatientName"));
  const plan = compiled.plan();
  assert.ok(new engine.Engine({ plan, key, now }));
  // A plan that is not whole, or another version's.
  assert.throws(() => new engine.Engine({ plan: plan.subarray(1), key, now }), { code: "internal", message: /of another version/ });
  assert.throws(() => new engine.Engine({ plan: plan.with(plan.length >> 1, plan[plan.length >> 1] ^ 1), key, now }), { code: "internal", message: /damaged/ });
  for (const settings of [{}, { plan, key: key.subarray(1), now }, { plan, key, now: "2026" }]) {
    assert.throws(() => new engine.Engine(/** @type {any} */ (settings)), { code: "settings" });
  }
  for (const texts of [undefined, {}, { config: "{}" }, { config: [1] }]) assert.throws(() => new compiler.Compiled(/** @type {any} */ (texts)), { code: "settings" });
});

test("a key may be a keyword, and one that is nearly a tag is answered with it", async () => {
  const { warnings } = await lethe.check({ general: { PatientName: "keep", "0010,0020": "keep" } });
  assert.deepEqual(warnings.map(({ message }) => /\(0010,0020\)/.test(message)), [true]);
});

test("a report names what is risky, and what the settings refuse has the code of its class", async (t) => {
  const find = (/** @type {string} */ name) => new Blob([readFileSync(files.find((path) => path.endsWith(name)) ?? "")]);
  const [ultrasound, ct] = [find("examples_palette.dcm"), find("CT_small.dcm")];
  const deidentifier = await open(t, { workers: 1 });
  const { report } = await deidentifier.deidentify(ultrasound);
  const message = "an ultrasound picture often shows names, and the file does not deny it";
  assert.deepEqual(report.risks, [{ class: "ultrasound", policy: "warn", path: "(0028,0301)", message }]);
  assert.deepEqual((await deidentifier.deidentify(ct)).report.risks.map((risk) => [risk.class, risk.policy]), [["unstated-slices", "pass"]]);
  const strict = await open(t, { workers: 1, config: { general: { risk_ultrasound: "refuse" } } });
  await assert.rejects(strict.deidentify(ultrasound), { code: "risk-ultrasound", path: "(0028,0301)", leftOut: false, message: `${message}; to take such files, set risk_ultrasound to warn or pass` });
});

test("a file that is none of DICOM is left out", async (t) => {
  const deidentifier = await open(t, { workers: 1 });
  await assert.rejects(deidentifier.deidentify(new Blob(["no image"])), { code: "not-dicom", leftOut: true });
});

test("a file that changes while it is read is refused, and what was there stays", async (t) => {
  const folder = scratch(t);
  writeFileSync(`${folder}/out.dcm`, "before");
  const deidentifier = await open(t, { workers: 1 });
  await assert.rejects(deidentifier.deidentifyFile(folder, `${folder}/out.dcm`), { code: "read" });
  assert.deepEqual([readFileSync(`${folder}/out.dcm`, "utf8"), readdirSync(folder)], ["before", ["out.dcm"]]);
});

test("old and new identifiers are listed when they are asked for, by Blob and by path, and in no report", async (t) => {
  const path = files.find((path) => path.endsWith("CT_small.dcm")) ?? files[0];
  const file = new Blob([readFileSync(path)]);
  const silent = await (await open(t)).deidentify(file);
  assert.ok(!("links" in silent));
  const deidentifier = await open(t, { crosswalk: true });
  const outcome = await deidentifier.deidentify(file);
  assert.deepEqual(outcome.report, silent.report);
  const { links = [] } = outcome;
  /** @type {import("../../www/lib/types.js").Link[] | undefined} */
  let byPath;
  const report = await deidentifier.deidentifyFile(path, `${scratch(t)}/out.dcm`, { onLinks: (links) => (byPath = links) });
  assert.deepEqual([byPath, report], [links, silent.report]);
  const [id] = outcome.name.split("/");
  assert.ok(links.some((link) => link.kind === "patient" && link.old === "1CT1" && link.new === id));
  const [study] = links.filter(({ kind }) => kind === "study");
  assert.ok(links.some((link) => link.kind === "uid" && link.old === study.old && link.new === study.new));
  const [patients] = lethe.crosswalk([outcome, { links }]);
  assert.equal(patients.csv, `\uFEFFid_old,id_new\r\n1CT1,${id}\r\n`);
});
