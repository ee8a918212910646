import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { header, tar } from "../../www/lib/tar.js";
import { done, hanging, refused } from "./support/outcomes.mjs";
import { python, run, scratch } from "./support/programs.mjs";

const LIST = `
import json, sys, tarfile
archive = tarfile.open(sys.argv[1])
print(json.dumps([[m.name, archive.extractfile(m).read().decode(), m.mtime, m.mode, m.isreg()] for m in archive.getmembers()]))`;

const TIME = Date.UTC(1980, 0, 1) / 1000;

test("other programs read the archive: long names, other letters, contents", async (t) => {
  const path = scratch(t, "a.tar");
  const names = [
    "short.dcm",
    "n".repeat(100),
    `${"p".repeat(64)}/${"s".repeat(64)}/${"e".repeat(64)}/00001-abcdefgh.dcm`,
    `${"p".repeat(155)}/${"n".repeat(100)}`,
    "x".repeat(101),
    `${"p".repeat(156)}/name`,
    `${"y".repeat(300)}/file.dcm`,
    "ü/日本.dcm",
  ];
  const archive = await tar([refused(), ...names.map((name, i) => done(name, "content ".repeat(i * 20)))]);
  writeFileSync(path, new Uint8Array(await archive.arrayBuffer()));
  assert.deepEqual(python(LIST, path), names.map((name, i) => [name, "content ".repeat(i * 20), TIME, 0o644, true]));
  assert.deepEqual(run("tar", "--quoting-style=literal", "-tf", path).trim().split("\n"), names);
});

test("names that meet get a number", async (t) => {
  const path = scratch(t, "double.tar");
  writeFileSync(path, new Uint8Array(await (await tar([done("a.dcm", "1"), done("a.dcm", "2")])).arrayBuffer()));
  assert.deepEqual(python(LIST, path).map((/** @type {string[]} */ entry) => entry.slice(0, 2)), [["a.dcm", "1"], ["a-2.dcm", "2"]]);
});

for (const size of [8 ** 11 - 1, 8 ** 11, 20 * 1024 ** 3]) {
  test(`a file of ${size} bytes is listed with its size`, (t) => {
    const path = scratch(t, "huge.tar");
    const start = Buffer.concat(header("huge.dcm", size));
    const padded = Math.ceil(size / 512) * 512;
    writeFileSync(path, start);
    truncateSync(path, start.length + padded + 1024); // a hole: nothing is on the disk
    const list = "import json, sys, tarfile; print(json.dumps([[m.name, m.size] for m in tarfile.open(sys.argv[1])]))";
    assert.deepEqual(python(list, path), [["huge.dcm", size]]);
  });
}

test("no data is read", async () => {
  const blob = new Blob(["content"]);
  const fail = () => assert.fail("the file was read");
  Object.assign(blob, { arrayBuffer: fail, stream: fail, text: fail });
  assert.equal((await tar([done("a", blob)])).size, 512 + 512 + 1024);
});

test("abort ends it and the source, even while the source is asked", async () => {
  const stop = new AbortController();
  const { seen, items } = hanging(done("a", "x"));
  const archive = tar(items, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("enough")), 20);
  await assert.rejects(archive, /enough/);
  assert.equal(seen.ended, true);
});
