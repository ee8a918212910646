import assert from "node:assert/strict";
import { test } from "node:test";
import { folder } from "../../www/lib/folder.js";
import { done, hanging, refused } from "./support/outcomes.mjs";

test("files are written into folders", async () => {
  const root = new Folder();
  await folder([done("p/s/a.dcm", "one"), refused(), done("p/s/a.dcm", "two"), done("b.dcm", "three")], root.handle);
  assert.deepEqual(root.list(), { "p/s/a.dcm": "one", "p/s/a-2.dcm": "two", "b.dcm": "three" });
});

test("a file that cannot be read to its end leaves nothing behind, and what was whole stays", async () => {
  const root = new Folder();
  await assert.rejects(folder([done("p/a.dcm", "one"), done("p/b.dcm", breaking())], root.handle), /gone/);
  assert.deepEqual(root.list(), { "p/a.dcm": "one" });
});

test("a file that was there before is kept when its replacement fails", async () => {
  const root = new Folder();
  await folder([done("a.dcm", "before")], root.handle);
  await assert.rejects(folder([done("a.dcm", breaking())], root.handle), /gone/);
  assert.deepEqual(root.list(), { "a.dcm": "before" });
});

test("some files are written at the same time, and progress counts those that are whole", async () => {
  const root = new Folder();
  const names = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `${name}.dcm`);
  const told = /** @type {number[]} */ ([]);
  await folder(names.map((name) => done(name, name)), root.handle, { onProgress: ({ files }) => told.push(files) });
  assert.deepEqual(Object.keys(root.list()).sort(), names);
  assert.deepEqual(told, [1, 2, 3, 4, 5, 6, 7]);
  assert.ok(root.most > 1 && root.most <= 4, `${root.most} at a time`);
});

test("abort ends it, even while the source is asked", async () => {
  const root = new Folder();
  const stop = new AbortController();
  const { seen, items } = hanging(done("a.dcm", "one"));
  const writing = folder(items, root.handle, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("enough")), 20);
  await assert.rejects(writing, /enough/);
  assert.equal(seen.ended, true);
  assert.deepEqual(root.list(), { "a.dcm": "one" });
});

test("a disk that fills up, or a permission that is gone, ends it; whole files stay and half ones go", async () => {
  for (const failing of /** @type {const} */ (["write", "close", "open"])) {
    const root = new Folder();
    root.content.set("was there.dcm", "before");
    root.fails = { failing, from: 2 };
    const files = ["a.dcm", "b.dcm", "was there.dcm", "c.dcm"].map((name) => done(name, name));
    await assert.rejects(folder(files, root.handle), { name: failing === "open" ? "NotAllowedError" : "QuotaExceededError" });
    assert.deepEqual(root.list(), { "was there.dcm": "before", "a.dcm": "a.dcm" }, failing);
  }
});

/** A Blob whose second half cannot be read. */
function breaking() {
  const stream = new ReadableStream({
    start: (out) => out.enqueue(new Uint8Array([1, 2, 3])),
    pull: (out) => out.error(new Error("gone")),
  });
  return Object.assign(new Blob(["123456"]), { stream: () => stream });
}

/** A folder in memory that behaves like FileSystemDirectoryHandle: a new file is visible and empty until it is closed. */
class Folder {
  /** @type {Map<string, Folder | string>} */
  content = new Map();
  /** What fails, from which file on. @type {{ failing: "write" | "close" | "open", from: number } | undefined} */
  fails;
  #opened = 0;
  #writing = 0;
  /** The most files that were open at the same time. */
  most = 0;

  get handle() {
    return /** @type {FileSystemDirectoryHandle} */ (/** @type {unknown} */ (this));
  }

  /** @param {string} name @param {{ create?: boolean }} [options] */
  async getDirectoryHandle(name, { create } = {}) {
    if (!this.content.has(name) && create) this.content.set(name, new Folder());
    return this.content.get(name);
  }

  /** @param {string} name @param {{ create?: boolean }} [options] */
  async getFileHandle(name, { create } = {}) {
    if (!this.content.has(name) && !create) throw new DOMException("not found", "NotFoundError");
    if (!this.content.has(name)) this.content.set(name, "");
    return { createWritable: async () => this.#writable(name) };
  }

  /** @param {string} name */
  async removeEntry(name) {
    this.content.delete(name);
  }

  /** @param {string} name */
  #writable(name) {
    /** @type {Uint8Array[]} */
    const chunks = [];
    const failing = this.fails && ++this.#opened >= this.fails.from ? this.fails.failing : undefined;
    if (failing === "open") throw new DOMException("the permission is gone", "NotAllowedError");
    this.most = Math.max(this.most, ++this.#writing);
    const full = (/** @type {string} */ what) => {
      if (failing === what) throw new DOMException("the disk is full", "QuotaExceededError");
    };
    return new WritableStream({
      write: (chunk) => (full("write"), void chunks.push(chunk)),
      close: () => (this.#writing--, full("close"), void this.content.set(name, Buffer.concat(chunks).toString())),
    });
  }

  /** @returns {Record<string, string>} */
  list(path = "") {
    return Object.assign({}, ...[...this.content].map(([name, entry]) => (entry instanceof Folder ? entry.list(`${path}${name}/`) : { [path + name]: entry })));
  }
}
