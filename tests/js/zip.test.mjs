import assert from "node:assert/strict";
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { crc32 } from "../../www/lib/crc32.js";
import { unzip } from "../../www/lib/unzip.js";
import { zip } from "../../www/lib/zip.js";
import { done, hanging, refused, watched } from "./support/outcomes.mjs";
import { python, run, scratch } from "./support/programs.mjs";

const LIST = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
print(json.dumps([[i.filename, archive.read(i).decode(), list(i.date_time), i.compress_type] for i in archive.infolist()]))`;

/** @param {ReadableStream<Uint8Array>} stream */
const bytes = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());

test("other programs read the archive: names, contents, fixed dates, refused files left out", async (t) => {
  const path = scratch(t, "a.zip");
  const long = `${"p".repeat(64)}/${"1.2.3.".repeat(10)}4/${"s".repeat(64)}/00001-abcdefgh.dcm`;
  writeFileSync(path, await bytes(zip([done("p/study/series/00001-aaaaaaaa.dcm", "one"), refused(), done(long, "two"), done("ü.dcm", "")])));
  run("unzip", "-tq", path);
  const start = [1980, 1, 1, 0, 0, 0];
  assert.deepEqual(python(LIST, path), [["p/study/series/00001-aaaaaaaa.dcm", "one", start, 0], [long, "two", start, 0], ["ü.dcm", "", start, 0]]);
});

test("our own reader reads it", async () => {
  const archive = new Blob([await bytes(zip([done("a/b.dcm", "one"), done("ü", "")]))]);
  const found = [];
  for await (const { name, file, error } of unzip("it.zip", archive)) found.push([name, await file?.text(), error]);
  assert.deepEqual(found, [["it.zip/a/b.dcm", "one", undefined], ["it.zip/ü", "", undefined]]);
});

test("sums are those of zlib, however the bytes are cut", () => {
  const all = Uint8Array.from({ length: 3000 }, (_, at) => (at * at + (at >> 3)) & 255);
  for (let length = 0; length < 600; length++) {
    const some = all.subarray(length % 7, (length % 7) + length * 4);
    // RFC 1952 2.3.1: CRC-32 and length end a gzip stream.
    const expected = gzipSync(some).readUInt32LE(gzipSync(some).length - 8);
    const at = (length * 13) % (some.length + 1);
    assert.equal(crc32(some), expected, `${length}`);
    assert.equal(crc32(some.subarray(at), crc32(some.subarray(0, at))), expected, `${length} at ${at}`);
  }
});

test("a file that has become shorter or longer is an error, and no archive", async () => {
  for (const more of [-1, 1]) {
    const blob = Object.defineProperty(new Blob(["content"]), "size", { value: 7 + more });
    await assert.rejects(bytes(zip([done("a", blob)])), { code: "read" });
  }
});

test("an archive of nothing is one", async (t) => {
  const path = scratch(t, "empty.zip");
  writeFileSync(path, await bytes(zip([refused()])));
  assert.deepEqual(python(LIST, path), []);
});

test("the same outcomes give the same bytes", async () => {
  const outcomes = [done("a.dcm", "one"), done("b.dcm", "two")];
  assert.deepEqual(await bytes(zip(outcomes)), await bytes(zip(outcomes)));
});

test("names that meet get a number", async (t) => {
  const path = scratch(t, "double.zip");
  const names = ["a/b.dcm", "a/b.dcm", "A/B.dcm", "a/b-2.dcm", "a.x/b", "a.x/b"];
  writeFileSync(path, await bytes(zip(names.map((name) => done(name, name)))));
  const found = python(LIST, path).map((/** @type {string[]} */ entry) => entry[0]);
  assert.deepEqual(found, ["a/b.dcm", "a/b-2.dcm", "A/B-3.dcm", "a/b-2-2.dcm", "a.x/b", "a.x/b-2"]);
});

for (const count of [65_535, 65_536]) {
  test(`an archive of ${count} files is whole`, (t) => {
    const path = scratch(t, "many.zip");
    run(process.execPath, new URL("./support/write-zip.mjs", import.meta.url).pathname, String(count), path);
    run("unzip", "-tq", path);
    assert.equal(python("import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).infolist()))", path), count);
  });
}

test("more than 4 GiB make a ZIP64 archive", async (t) => {
  const path = scratch(t, "large.zip");
  const size = 4 * 1024 ** 3 + 5;
  await sparse(path, zip([done("zeros", zeros(size)), done("after", "still here")]));
  const read = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
print(json.dumps([[i.filename, i.file_size] for i in archive.infolist()] + [archive.read("after").decode()]))`;
  assert.deepEqual(python(read, path), [["zeros", size], ["after", 10], "still here"]);
});

test("a file is asked for when the archive is read, not before", async () => {
  const { seen, items } = watched(Array.from({ length: 100 }, (_, i) => done(`${i}`, "content")));
  const reader = zip(items).getReader();
  for (let i = 0; i < 8; i++) await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(seen.taken <= 8, `${seen.taken} files were taken for 8 chunks`);
  assert.equal(seen.ended, false);
  await reader.cancel();
  assert.equal(seen.ended, true);
});

test("one file is taken ahead, and whoever leaves waits for no source that does not answer", async () => {
  const { seen, items } = watched(Array.from({ length: 100 }, (_, i) => done(`${i}`, "content")));
  const reader = zip(items).getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(seen.taken, 2);
  await reader.cancel();
  const silent = hanging(done("a", "x"));
  const other = zip(silent.items).getReader();
  await other.read();
  await other.cancel();
  assert.equal(silent.seen.ended, true);
});

test("a file that cannot be read ends the archive there, not before", async () => {
  const lost = Object.defineProperty(new Blob(["content"]), "stream", { value: () => new ReadableStream({ start: (out) => out.error(new Error("gone")) }) });
  let length = 0;
  const reading = (async () => {
    for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (zip([done("a", "x".repeat(100)), done("b", lost)])))) length += chunk.length;
  })();
  await assert.rejects(reading, { code: "read" });
  assert.ok(length > 100);
});

test("abort ends the stream and the source, even while the source is asked", async () => {
  const stop = new AbortController();
  const { seen, items } = hanging(done("a", "x"));
  const reading = bytes(zip(items, { signal: stop.signal }));
  setTimeout(() => stop.abort(new Error("enough")), 20);
  await assert.rejects(reading, /enough/);
  assert.equal(seen.ended, true);
});

test("abort ends a source that nobody asks at the time", async () => {
  const stop = new AbortController();
  const { seen, items } = watched(Array.from({ length: 9 }, (_, i) => done(`${i}`, "content")));
  const reader = zip(items, { signal: stop.signal }).getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop.abort(new Error("enough"));
  await assert.rejects(reader.read(), /enough/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(seen.ended, true);
});

test("an error of the source is an error of the archive", async () => {
  async function* failing() {
    yield done("a", "x");
    throw new Error("no more");
  }
  await assert.rejects(bytes(zip(failing())), /no more/);
});

test("progress is told after each file", async () => {
  /** @type {unknown[]} */
  const told = [];
  await bytes(zip([done("a", "12"), refused(), done("b", "345")], { onProgress: (progress) => told.push(progress) }));
  assert.deepEqual(told, [{ files: 1, bytes: 2 }, { files: 2, bytes: 5 }]);
});

/**
 * A Blob of zeros that exists nowhere.
 * @param {number} size
 */
function zeros(size) {
  const chunk = new Uint8Array(1 << 20);
  let left = size;
  const stream = new ReadableStream({
    pull(out) {
      if (left === 0) return out.close();
      out.enqueue(chunk.subarray(0, Math.min(left, chunk.length)));
      left -= Math.min(left, chunk.length);
    },
  });
  return Object.defineProperties(new Blob(), { size: { value: size }, stream: { value: () => stream } });
}

/**
 * Writes a stream with holes where it is zero.
 * @param {string} path
 * @param {ReadableStream<Uint8Array>} stream
 */
async function sparse(path, stream) {
  const file = openSync(path, "w");
  let at = 0;
  for await (const chunk of /** @type {AsyncIterable<Uint8Array>} */ (/** @type {unknown} */ (stream))) {
    if (chunk.length < 1 << 16 || chunk[0] !== 0) writeSync(file, chunk, 0, chunk.length, at);
    at += chunk.length;
  }
  closeSync(file);
  truncateSync(path, at);
}
