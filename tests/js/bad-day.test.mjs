// A bad day in Node, with the real engine: bad files of a batch, and outputs that cannot be written. It needs
// `cargo xtask pack`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { image } from "./support/images.mjs";
import { scratch } from "./support/programs.mjs";

/** @import { Item } from "../../www/lib/types.js" */

const entry = new URL("../../target/npm/node.js", import.meta.url);
/** @type {typeof import("../../www/lib/node.js")} */
const lethe = await import(entry.href);
const settings = { key: new Uint8Array(32).fill(7), now: "20240229123456789", workers: 2 };

/** @param {string} name @param {Buffer} bytes @returns {Item} */
const item = (name, bytes) => ({ name, file: new Blob([/** @type {Buffer<ArrayBuffer>} */ (bytes)]) });

test("bad files of a batch are listed with a code, and the good ones are those of a batch without them", async (t) => {
  const deidentifier = await lethe.open(settings);
  t.after(() => deidentifier.close());
  const good = Array.from({ length: 90 }, (_, at) => item(`good ${at}`, image("Good^Patient", at + 1)));
  const whole = image("Bad^Patient", 99);
  const contents = [Buffer.alloc(0), Buffer.alloc(900), whole.subarray(0, 300), whole.subarray(0, 150), whole.subarray(0, -1), Buffer.from("notes"), Buffer.concat([whole.subarray(0, 132), Buffer.alloc(200, 255)])];
  const bad = Array.from({ length: 9 }, (_, at) => item(`bad ${at} 😀\n`, contents[at % contents.length]));
  /** @type {Item} */
  const unreadable = { name: "bad 9", error: new lethe.DicomError({ code: "read", message: "the file or folder cannot be read" }) };
  const mixed = good.flatMap((file, at) => (at % 9 === 4 ? [[...bad, unreadable][(at - 4) / 9], file] : [file]));
  /** @param {Item[]} items */
  const run = async (items) => {
    const outputs = new Map();
    const codes = new Map();
    for await (const outcome of deidentifier.deidentifyAll(items)) {
      if (outcome.ok) outputs.set(outcome.source, outcome.name + Buffer.from(await outcome.blob.arrayBuffer()).toString("base64"));
      else codes.set(outcome.source, outcome.error.code);
    }
    return { outputs: [...outputs].sort(), codes };
  };
  const [without, withBad] = [await run(good), await run(mixed)];
  assert.equal(without.outputs.length, 90);
  assert.deepEqual(withBad.outputs, without.outputs);
  assert.deepEqual([...withBad.codes.keys()].sort(), [...bad, unreadable].map(({ name }) => name).sort());
  assert.ok([...withBad.codes.values()].every((code) => ["not-dicom", "truncated", "malformed", "read"].includes(code)), [...withBad.codes.values()].join());
  assert.equal(without.codes.size, 0);
});

test("a folder that is none, and an input that is gone, are errors without a trace", async (t) => {
  const folder = scratch(t);
  writeFileSync(`${folder}/in.dcm`, image("Good^Patient", 1));
  writeFileSync(`${folder}/file`, "no folder");
  const deidentifier = await lethe.open(settings);
  t.after(() => deidentifier.close());
  for (const [from, to, code] of [["in.dcm", "file/out.dcm", "write"], ["gone.dcm", "out.dcm", "read"], ["file", "out.dcm", "not-dicom"]]) {
    const error = await deidentifier.deidentifyFile(`${folder}/${from}`, `${folder}/${to}`).catch((thrown) => thrown);
    assert.equal(error.code, code);
    assert.ok(!error.message.includes(folder), "a path is told");
  }
  assert.deepEqual(readdirSync(folder).sort(), ["file", "in.dcm"]);
});

test("a disk that fills up leaves no half file", (t) => {
  const folder = scratch(t);
  mkdirSync(`${folder}/out`);
  writeFileSync(`${folder}/small.dcm`, image("Good^Patient", 1));
  writeFileSync(`${folder}/large.dcm`, image("Good^Patient", 2, 2_000_000));
  const script = `
import { open } from ${JSON.stringify(fileURLToPath(entry))};
const deidentifier = await open({ workers: 1 });
const [folder] = process.argv.slice(-1);
for (const name of ["large", "small"]) {
  const result = await deidentifier.deidentifyFile(folder + "/" + name + ".dcm", folder + "/out/" + name + ".dcm").then(() => "done", ({ code, message }) => code + ": " + message);
  console.log(result);
}`;
  // A limit of the size of files fails as a full disk does, in the middle of writing; ignored, its signal is an error.
  const { stdout, stderr } = spawnSync("sh", ["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$@\"", "sh", process.execPath, "--input-type=module", "-e", script, folder], { encoding: "utf8" });
  assert.deepEqual(stdout.trim().split("\n"), ["write: the output cannot be written (EFBIG)", "done"], stderr);
  assert.deepEqual(readdirSync(`${folder}/out`), ["small.dcm"]);
});
