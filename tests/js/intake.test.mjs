import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { intake } from "../../www/lib/intake.js";
import { run, scratch } from "./support/programs.mjs";

/** @typedef {{ [name: string]: Tree | string | null }} Tree a folder; a text is a file, `null` one that cannot be read */

/** @param {AsyncIterable<import("../../www/lib/types.js").Item>} items */
async function list(items) {
  /** @type {Record<string, string>} */
  const found = {};
  for await (const { name, file, error } of items) found[name] = error ? error.code : await file.text();
  return found;
}

/** As Chromium: a folder is read in batches. */
const BATCH = 100;

/**
 * A stand-in for FileSystemEntry.
 * @param {string} fullPath
 * @param {Tree | string | null} content
 */
function entry(fullPath, content) {
  const isFile = content === null || typeof content === "string";
  const name = fullPath.slice(fullPath.lastIndexOf("/") + 1);
  const file = (/** @type {Function} */ resolve, /** @type {Function} */ reject) =>
    content === null ? reject(new DOMException("gone", "NotReadableError")) : resolve(new File([/** @type {string} */ (content)], name));
  const children = isFile ? [] : Object.entries(content).map(([child, inside]) => entry(`${fullPath}/${child}`, inside));
  const createReader = () => {
    const left = [...children];
    return { readEntries: (/** @type {Function} */ resolve) => setTimeout(() => resolve(left.splice(0, BATCH))) };
  };
  return { isFile, isDirectory: !isFile, name, fullPath, file, createReader };
}

/**
 * A stand-in for a drop, whose entries are gone when the handler has returned.
 * @param {Tree} tree
 */
function drop(tree) {
  const items = Object.entries(tree).map(([name, content]) => ({ kind: "file", webkitGetAsEntry: () => entry(`/${name}`, content) }));
  const data = { items: [{ kind: "string", webkitGetAsEntry: () => assert.fail("a text has no entry") }, ...items], files: [] };
  return { data: /** @type {DataTransfer} */ (/** @type {unknown} */ (data)), expire: () => data.items.splice(0) };
}

test("a drop of folders is walked to the last entry, and its entries are taken at once", async () => {
  const many = Object.fromEntries(Array.from({ length: 250 }, (_, i) => [`${i}.dcm`, `${i}`]));
  const { data, expire } = drop({ study: { series: many, DICOMDIR: "index", ".hidden": "h" }, "single.dcm": "s", empty: {} });
  const items = intake(data);
  expire();
  const expected = Object.fromEntries(Object.entries(many).map(([name, text]) => [`study/series/${name}`, text]));
  assert.deepEqual(await list(items), { ...expected, "study/DICOMDIR": "index", "study/.hidden": "h", "single.dcm": "s" });
});

test("an entry that cannot be read is an item with an error, and the walk goes on", async () => {
  const { data } = drop({ folder: { "a.dcm": null, "b.dcm": "b" } });
  assert.deepEqual(await list(intake(data)), { "folder/a.dcm": "read", "folder/b.dcm": "b" });
});

test("a drop is walked as far as it is asked for", async () => {
  let read = 0;
  const files = Array.from({ length: 10 }, (_, i) => ({
    ...entry(`/${i}`, "x"),
    file: (/** @type {Function} */ resolve) => resolve((read++, new File(["x"], `${i}`))),
  }));
  const items = files.map((one) => ({ kind: "file", webkitGetAsEntry: () => one }));
  const walk = intake(/** @type {DataTransfer} */ (/** @type {unknown} */ ({ items })));
  assert.equal(read, 0);
  await walk.next();
  await walk.next();
  assert.equal(read, 2);
  await walk.return();
});

test("a drop without entries gives its files", async () => {
  const items = [{ kind: "file", webkitGetAsEntry: () => null, getAsFile: () => new File(["x"], "a.dcm") }];
  assert.deepEqual(await list(intake(/** @type {DataTransfer} */ (/** @type {unknown} */ ({ items })))), { "a.dcm": "x" });
});

test("a picker's files have their folders in their names", async () => {
  const inFolder = Object.defineProperty(new File(["1"], "a.dcm"), "webkitRelativePath", { value: "study/a.dcm" });
  const list2 = { 0: inFolder, 1: new File(["2"], "b.dcm"), length: 2, item: () => null, *[Symbol.iterator]() { yield* [this[0], this[1]]; } };
  assert.deepEqual(await list(intake(/** @type {any} */ (list2))), { "study/a.dcm": "1", "b.dcm": "2" });
  assert.deepEqual(await list(intake([new File(["3"], "c.dcm")])), { "c.dcm": "3" });
});

test("a single file, with or without a name", async () => {
  assert.deepEqual(await list(intake(new File(["1"], "a.dcm"))), { "a.dcm": "1" });
  assert.deepEqual(await list(intake(new Blob(["2"]))), { "": "2" });
});

test("a folder handle is walked", async () => {
  /** @param {Tree} tree @returns {any} */
  const handle = (tree) => ({
    kind: "directory",
    getDirectoryHandle() {},
    async *entries() {
      for (const [name, content] of Object.entries(tree)) yield [name, content === null || typeof content === "string" ? file(name, content) : handle(content)];
    },
  });
  const file = (/** @type {string} */ name, /** @type {string | null} */ content) => ({
    kind: "file",
    getFile: async () => (content === null ? Promise.reject(new DOMException("", "NotFoundError")) : new File([content], name)),
  });
  assert.deepEqual(await list(intake(handle({ a: { b: { "c.dcm": "c" } }, "d.dcm": "d", "e.dcm": null }))), { "a/b/c.dcm": "c", "d.dcm": "d", "e.dcm": "read" });
});

/**
 * A ZIP archive that Python wrote.
 * @param {import("node:test").TestContext} t
 * @param {string} body what is done with `archive`
 */
function archive(t, body) {
  const path = scratch(t, "in.zip");
  run("python3", "-c", `import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as archive:\n    ${body.trim().split("\n").join("\n    ")}`, path);
  return readFileSync(path);
}

const TWO = `
archive.mkdir("folder")
archive.writestr("folder/stored.dcm", "stored")
archive.writestr("folder/deflated.dcm", "deflated " * 1000, zipfile.ZIP_DEFLATED)
with archive.open(zipfile.ZipInfo("zip64.dcm"), "w", force_zip64=True) as out: out.write(b"zip64")`;

test("an archive is opened: stored, deflated and ZIP64 entries", async (t) => {
  const items = intake(new File([archive(t, TWO)], "in.ZIP"));
  const expected = { "in.ZIP/folder/stored.dcm": "stored", "in.ZIP/folder/deflated.dcm": "deflated ".repeat(1000), "in.ZIP/zip64.dcm": "zip64" };
  assert.deepEqual(await list(items), expected);
});

test("an archive's entries are inflated one at a time", async (t) => {
  const bytes = archive(t, `for i in range(5): archive.writestr(f"{i}.dcm", "x" * 100000, zipfile.ZIP_DEFLATED)`);
  const file = new File([bytes], "in.zip");
  let slices = 0;
  const slice = file.slice.bind(file);
  file.slice = (...range) => (slices++, slice(...range));
  const items = intake(file);
  await items.next();
  const first = slices;
  await items.next();
  assert.ok(slices > first && slices - first < first, "the second entry is read when it is asked for");
  await items.return();
});

test("entries that cannot be opened are items with an error, the others are opened", async (t) => {
  const bytes = archive(t, `
archive.writestr("lzma.dcm", "x" * 100, zipfile.ZIP_LZMA)
archive.writestr("good.dcm", "good")
archive.writestr("bad.dcm", "deflated " * 1000, zipfile.ZIP_DEFLATED)`);
  const at = bytes.indexOf("bad.dcm") + "bad.dcm".length;
  bytes.fill(0xff, at, at + 20);
  assert.deepEqual(await list(intake(new File([bytes], "in.zip"))), { "in.zip/lzma.dcm": "read", "in.zip/good.dcm": "good", "in.zip/bad.dcm": "read" });
});

test("an entry that is not what its checksum says is an error", async (t) => {
  const bytes = archive(t, `archive.writestr("a.dcm", "x" * 1000, zipfile.ZIP_DEFLATED)`);
  bytes[bytes.lastIndexOf("PK\x01\x02") + 16] ^= 1;
  assert.deepEqual(await list(intake(new File([bytes], "in.zip"))), { "in.zip/a.dcm": "read" });
});

test("an archive with a comment, and one of 65,536 entries", async (t) => {
  const commented = archive(t, `archive.comment = b"PK\\x05\\x06 and more" * 10\narchive.writestr("a.dcm", "a")`);
  assert.deepEqual(await list(intake(new File([commented], "in.zip"))), { "in.zip/a.dcm": "a" });
  const many = archive(t, `for i in range(65536): archive.writestr(f"{i}", "")`);
  let count = 0;
  const items = intake(new File([many], "in.zip"));
  while (count < 100 && !(await items.next()).done) count += 1;
  await items.return();
  assert.equal(count, 100);
});

test("an archive damaged anywhere ends in errors, never in an exception or a wrong file", async (t) => {
  const whole = archive(t, TWO);
  for (let at = 4; at < whole.length; at += 3) {
    const bytes = Buffer.from(whole);
    bytes[at] ^= 0xff;
    for (const [name, content] of Object.entries(await list(intake(new File([bytes], "in.zip")))))
      if (/deflated/.test(name)) assert.ok(["read", "too-large", "deflated ".repeat(1000)].includes(content) || content.length < 20, `byte ${at}: ${name} ${content.slice(0, 60)}`);
  }
});

test("an entry that is longer than it says, or says it is enormous, is refused", async (t) => {
  const lying = archive(t, `archive.writestr("bomb.dcm", b"\\0" * 10_000_000, zipfile.ZIP_DEFLATED)`);
  const central = lying.lastIndexOf("PK\x01\x02");
  lying.writeUInt32LE(1000, central + 24);
  assert.deepEqual(await list(intake(new File([lying], "in.zip"))), { "in.zip/bomb.dcm": "read" });
  const enormous = archive(t, `archive.writestr(zipfile.ZipInfo("a.dcm"), "x" * 100, zipfile.ZIP_DEFLATED)\narchive.infolist()[0].file_size = 5 * 1024**3`);
  assert.deepEqual(await list(intake(new File([enormous], "in.zip"))), { "in.zip/a.dcm": "too-large" });
});

test("a damaged archive is one item with an error; a file that only has the name is a file", async (t) => {
  const cut = archive(t, TWO).subarray(0, 200);
  assert.deepEqual(await list(intake(new File([cut], "in.zip"))), { "in.zip": "read" });
  assert.deepEqual(await list(intake(new File(["no archive"], "in.zip"))), { "in.zip": "no archive" });
  assert.deepEqual(Object.keys(await list(intake(new File([archive(t, TWO)], "a.dcm")))), ["a.dcm"]);
});
